import { describe, expect, it } from 'vitest';
import { createRng } from '../../base';
import { plantedCases } from './cases';
import { FAULTS, record, type Courses, type Plan } from './recording';
import { drawSystem } from './system';

const SERVICES = 8;

function recorded(fault: Plan['fault'], at: number): { plan: Plan; courses: readonly Courses[] } {
  const services = drawSystem(SERVICES, createRng('planted'));
  const plan: Plan = { services, length: 240, start: 120, end: 240, stepS: 1, fault, at };
  return { plan, courses: record(plan, createRng('recording')) };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Medians before the fault and after it began. */
function medians(values: Float64Array | undefined): readonly [before: number, after: number] {
  const part = (from: number, to: number): readonly number[] =>
    Array.from(values?.subarray(from, to) ?? []).filter((v) => !Number.isNaN(v));
  return [median(part(0, 120)), median(part(125, 240))];
}

function rise(values: Float64Array | undefined): number {
  const [before, after] = medians(values);
  return after / before;
}

describe('planted metrics', () => {
  it('calls go from the way in to every service, and never in a circle', () => {
    const services = drawSystem(SERVICES, createRng('planted'));
    const called = new Set(services.flatMap(({ calls }) => calls.map(({ to }) => to)));
    expect([...called].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const [i, { calls }] of services.entries())
      for (const { to } of calls) expect(to).toBeGreaterThan(i);
  });

  it('time that a service adds comes up to all that call it, and fewer requests come in', () => {
    const at = SERVICES - 1;
    const { plan, courses } = recorded('delay', at);
    const callers = plan.services.flatMap(({ calls }, i) =>
      calls.some(({ to }) => to === at) ? [i] : [],
    );
    expect(callers.length).toBeGreaterThan(0);
    for (const i of [at, ...callers]) expect(rise(courses[i]?.latency)).toBeGreaterThan(1.05);
    expect(rise(courses[at]?.latency)).toBeGreaterThan(3);
    expect(rise(courses[0]?.requests)).toBeLessThan(1);
  });

  it('a busy processor, a full memory and a busy disk are those of the service alone', () => {
    for (const [fault, course] of [
      ['cpu', 'cpu'],
      ['memory', 'memory'],
      ['disk', 'disk'],
    ] as const) {
      const { courses } = recorded(fault, 3);
      const rises = courses.map((one) => {
        const [before, after] = medians(one[course]);
        return after - before;
      });
      expect([fault, rises.indexOf(Math.max(...rises))]).toEqual([fault, 3]);
    }
  });

  it('gives every kind of fault, the same recording every time, its answer beside it', async () => {
    const cases = plantedCases({ first: 1, last: 1 });
    expect(cases.map(({ truth }) => truth.kind)).toEqual([...FAULTS]);
    const [one] = cases;
    const [first, again] = [
      await one?.texts(),
      await plantedCases({ first: 1, last: 1 })[0]?.texts(),
    ];
    expect(first).toEqual(again);
    const text = first?.get('metrics.om.txt') ?? '';
    expect(text).toContain(`{service="${one?.truth.names[0] ?? ''}"}`);
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(first?.get('case.json')).not.toContain(one?.truth.names[0]);
  });
});
