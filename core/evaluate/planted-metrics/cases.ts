import { createRng, type Rng } from '../../base';
import type { LabelledCase, SeedRange } from '../root-cause/cases';
import { truthOf } from '../root-cause/truth';
import { between, oneOf } from './draw';
import { FAULTS, record, type Courses, type Fault, type Plan } from './recording';
import { drawSystem } from './system';

/** How the courses are called: every recorder has its own words. */
type Words = Readonly<Record<keyof Courses, string>>;

const VOCABULARIES: readonly [Words, ...Words[]] = [
  {
    cpu: 'cpu',
    memory: 'mem',
    disk: 'diskio',
    requests: 'workload',
    errors: 'error',
    latency: 'latency-50',
    tail: 'latency-90',
  },
  {
    cpu: 'container_cpu_usage_cores',
    memory: 'container_memory_working_set_bytes',
    disk: 'container_fs_writes_bytes_per_second',
    requests: 'requests_per_second',
    errors: 'request_errors_per_second',
    latency: 'request_duration_p50_seconds',
    tail: 'request_duration_p90_seconds',
  },
  {
    cpu: 'cpu_load',
    memory: 'memory_usage',
    disk: 'disk_write',
    requests: 'rps',
    errors: 'failures',
    latency: 'response_time_avg',
    tail: 'response_time_p95',
  },
];

const SIZES: readonly [number, ...number[]] = [6, 9, 12, 20, 35];

/** Recordings of metrics alone with one fault each: these seeds of every kind of fault. */
export function plantedCases({ first, last }: SeedRange): readonly LabelledCase[] {
  return FAULTS.flatMap((fault) =>
    Array.from({ length: last - first + 1 }, (_, i) => plantedCase(fault, first + i)),
  );
}

function plantedCase(fault: Fault, seed: number): LabelledCase {
  const word = `planted-metrics/${fault}/${seed}`;
  const rng = createRng(word);
  const count = oneOf(rng, SIZES);
  const services = drawSystem(count, rng);
  const stepS = oneOf(rng, [1, 5, 60]);
  // As long before as after, by the usual plan of such recordings, or not; a tail of recovery or none.
  const before = Math.round(stepS === 60 ? between(rng, 40, 120) : between(rng, 120, 500));
  const during = Math.round(rng.next() < 0.5 ? before : between(rng, 0.15, 1) * before);
  const after = rng.next() < 0.5 ? 0 : Math.round(between(rng, 0, 0.5) * before);
  const plan: Plan = {
    services,
    start: before,
    end: before + during,
    length: before + during + after,
    stepS,
    fault,
    at: Math.floor(rng.next() * count),
  };
  const service = services[plan.at]?.name ?? '';
  return {
    id: `${fault}/${seed}`,
    key: `planted-metrics-${fault}-${seed}`,
    system: `planted: ${count} services`,
    truth: truthOf([{ service, kind: fault }], 'service'),
    texts: () => Promise.resolve(textsOf(plan, createRng(`${word}/recording`))),
  };
}

const EPOCH = 1_790_000_000;

function textsOf(plan: Plan, rng: Rng): ReadonlyMap<string, string> {
  const time = (sample: number): string =>
    new Date(1000 * (EPOCH + sample * plan.stepS)).toISOString();
  const words = oneOf(rng, VOCABULARIES);
  // Some recorders put the service into the name as well as into the label.
  const named = rng.next() < 0.4;
  const courses = record(plan, rng);
  const window = { from: time(0), to: time(plan.length) };
  const fault = { from: time(plan.start), to: time(plan.end) };
  const baseline = { from: time(0), to: time(plan.start) };
  return new Map([
    ['metrics.om.txt', openMetrics(plan, courses, { words, named, rng })],
    [
      'case.json',
      JSON.stringify({ id: 'planted', set: 'planted', window, baseline, incident: fault }),
    ],
  ]);
}

interface Wording {
  readonly words: Words;
  readonly named: boolean;
  readonly rng: Rng;
}

function openMetrics(
  plan: Plan,
  courses: readonly Courses[],
  { words, named, rng }: Wording,
): string {
  const lines: string[] = [];
  for (const [kind, word] of Object.entries(words) as [keyof Courses, string][]) {
    for (const [i, { name, disk }] of plan.services.entries()) {
      // What never writes and what speaks no protocol of requests has no such series.
      if (kind === 'disk' && disk === 0 && i !== plan.at && rng.next() < 0.5) continue;
      const family = (named ? `${name}_${word}` : word).replaceAll('-', '_');
      if (named || i === 0) lines.push(`# TYPE ${family} gauge`);
      const values = courses[i]?.[kind] ?? [];
      for (let t = 0; t < plan.length; t++) {
        const value = values[t] ?? Number.NaN;
        // A scrape in two hundred is lost.
        if (Number.isNaN(value) || rng.next() < 0.005) continue;
        lines.push(
          `${family}{service="${name}"} ${Number(value.toPrecision(6))} ${EPOCH + t * plan.stepS}`,
        );
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
