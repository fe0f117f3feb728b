import { describe, expect, it } from 'vitest';
import { FaultlineError } from '../base';
import { emptyFrame, findQuery } from '../model';
import { analyze, type FetchFrames } from './index';
import { fetchFrom, frameFrom } from './testing/frames';
import { ALL, at, notFinite, requestStretches, scope } from './testing/incident';

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

  it('does not call it an incident where machines are busy and nobody waits', async () => {
    const quiet = { ...frames, 'analysis.request-stretches': requestStretches(1) };
    const found = await analyze(fetchFrom(quiet), options);
    expect(found.verdict).toBe('insufficient-evidence');
    expect(found.ranking).toEqual([]);
    expect(found.missing[0]).toMatch(/quiet/);
    // Where somebody noticed something, there is something to explain.
    const request = { ...options.request, symptom: 'service:web' };
    expect((await analyze(fetchFrom(quiet), { ...options, request })).verdict).toBe('ranked');
  });

  it('re-ranks by what people rule out', async () => {
    const request = { ...options.request, ruledOut: ['service:stock'] };
    const found = await analyze(fetchFrom(frames), { ...options, request });
    expect(found.ranking.map(({ entity }) => entity.id)).not.toContain('service:stock');
  });

  it('says whether rank 1 survives another baseline', async () => {
    const other = { from: at(300), to: at(600) };
    const request = { ...options.request, baselines: [scope.baseline, other] };
    const alone = await analyze(fetchFrom(frames), options);
    expect(alone.robustToBaselines).toBeNull();
    const both = await analyze(fetchFrom(frames), { ...options, request });
    expect(both.robustToBaselines).toBe(true);
    // Against the other baseline nothing of what named the cause is there.
    const fetch = fetchFrom(frames);
    const without: FetchFrames = (call) => {
      const empty = (call.params as { baseFrom?: bigint }).baseFrom === other.from;
      return empty
        ? Promise.resolve(emptyFrame(findQuery(call.query).columns) as never)
        : fetch(call);
    };
    expect((await analyze(without, { ...options, request })).robustToBaselines).toBe(false);
  });

  it('finds an incident that is not given, and how many signals moved with it', async () => {
    const found = await analyze(fetchFrom(frames), { ...options, request: {} });
    expect(found.incident.given).toBe(false);
    expect(found.incident.claim).toMatchObject({ moved: 1, judged: 1 });
    expect(found.baseline).toMatchObject({ given: false, to: found.incident.from });
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
