import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeEngine } from '../../app/node';
import { explain } from '../analysis';
import type { TimeWindow } from '../base';
import { parseEntityId, type Difference, type ExplainRequest } from '../model';
import { simulate } from '../simulate';
import { openCaseStore, type CaseStore } from '../store';
import { writeSample } from './index';

const sample = { scenario: 'bad-flag', seed: 5, size: 0.2 };
const { hints, truth } = simulate(sample);
let store: CaseStore;

beforeAll(async () => {
  store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 't' } });
  await writeSample(store, sample, 1n, undefined, () => undefined);
}, 60_000);
afterAll(() => store.close());

const incident = hints.incident;
const baseline = hints.baseline ?? incident;
const ask = (request: ExplainRequest, limits = {}) =>
  explain((call) => store.run(call), request, { limits });

const about = ({ entityId, edge }: Difference): string[] =>
  [entityId, edge?.source, edge?.target].flatMap((id) => (id ? [parseEntityId(id).name] : []));

describe('explain this selection, on a simulated incident', () => {
  it('has the injected difference among the first three lines', async () => {
    const { differences } = await ask({ selected: incident, reference: baseline });
    const cause = truth.root_cause?.service ?? '';
    expect(differences.slice(0, 3).flatMap(about)).toContain(cause);
    expect(differences.map(({ name }) => name)).toContain(truth.root_cause?.change);
  });

  it('compares a filtered selection with the rest of the same window', async () => {
    const { differences, notices } = await ask({
      selected: { ...incident, filter: { operation: 'GET /products/{id}' } },
      reference: incident,
    });
    expect(notices.map(({ code }) => code)).toContain('explain-spans-only');
    for (const { signal } of differences)
      expect(['operation', 'edge', 'attribute']).toContain(signal);
    const whole = await ask({ selected: incident, reference: incident });
    expect(whole.differences.filter(({ novelty }) => novelty === 'changed')).toEqual([]);
  });

  it('narrows every signal to an entity', async () => {
    const entity = `service:${truth.root_cause?.service ?? ''}`;
    const side = (window: TimeWindow) => ({ ...window, filter: { entity } });
    const { differences } = await ask({ selected: side(incident), reference: side(baseline) });
    const others = differences.filter(
      ({ entityId, edge }) => entityId !== entity && edge?.source !== entity,
    );
    expect(differences.length).toBeGreaterThan(3);
    expect(others.filter(({ signal }) => signal !== 'change')).toEqual([]);
  });

  it('keeps whole traces where it samples, and names the same cause', async () => {
    const request = { selected: incident, reference: baseline };
    const few = await ask(request, { spans: 3000, attributeSpans: 1000 });
    expect(few.notices.map(({ code }) => code)).toContain('explain-sampled');
    const names = few.differences.slice(0, 5).flatMap(about);
    expect(names).toContain(truth.root_cause?.service);
  });
});
