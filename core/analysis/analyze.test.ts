import { describe, expect, it } from 'vitest';
import { FaultlineError } from '../base';
import { findQuery } from '../model';
import { analyze } from './index';
import { fetchFrom, frameFrom } from './testing/frames';
import { ALL, at, notFinite, scope } from './testing/incident';

describe('analyze', () => {
  const frames = {
    ...ALL,
    'analysis.case-range': frameFrom(findQuery('analysis.case-range').columns, [
      { lo: at(0), hi: at(900) },
    ]),
  };
  const options = {
    request: { incident: scope.incident, baselines: [scope.baseline] },
    entities: scope.entities,
  };

  it('names the cause, says what ran, and says the same again', async () => {
    const a = await analyze(fetchFrom(frames), options);
    const b = await analyze(fetchFrom(frames), options);
    expect(a.verdict).toBe('ranked');
    expect(a.ranking[0]?.entity.id).toBe('service:stock');
    expect(a.methods.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['detect.windows', 'rca.fusion']),
    );
    expect({ ...b, timings: a.timings }).toEqual(a);
    expect(notFinite(a)).toEqual([]);
  });

  it('re-ranks by what people rule out', async () => {
    const request = { ...options.request, ruledOut: ['service:stock'] };
    const found = await analyze(fetchFrom(frames), { ...options, request });
    expect(found.ranking.map(({ entity }) => entity.id)).not.toContain('service:stock');
  });

  it('has not enough evidence on an empty case', async () => {
    const found = await analyze(fetchFrom({}), { request: {}, entities: [] });
    expect(found.verdict).toBe('insufficient-evidence');
    expect(found.missing.length).toBeGreaterThan(0);
  });

  it('reports progress that grows, and ends where it is cancelled', async () => {
    const fractions: number[] = [];
    await analyze(fetchFrom(frames), {
      ...options,
      onProgress: ({ fraction }) => fractions.push(fraction),
    });
    expect(fractions.length).toBeGreaterThan(5);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
    const controller = new AbortController();
    const fetch = fetchFrom(frames);
    const running = analyze(fetch, {
      ...options,
      signal: controller.signal,
      onProgress: ({ id }) => {
        if (id === 'detect.metrics') controller.abort();
      },
    });
    await expect(running).rejects.toBeInstanceOf(FaultlineError);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(fetch.asked.map(({ query }) => query)).not.toContain('analysis.metric-shift');
  });
});
