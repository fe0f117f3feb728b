import { describe, expect, it } from 'vitest';
import { adjustedCount, adjustedCounts } from './adjusted-count';

describe('what a sampled span stands for', () => {
  it.each([
    // The examples of the specification: 100 %, 50 %, 25 %, 1 of 3 rounded to five digits.
    [{ 'otel.trace_state': 'ot=th:0' }, 1],
    [{ 'otel.trace_state': 'ot=th:8' }, 2],
    [{ 'w3c.tracestate': 'vendor=x,ot=rv:00abcdef012345;th:c' }, 4],
    [{ 'otel.trace_state': 'ot=p:3;r:8' }, 8],
    [{ 'sampling.probability': '0.1' }, 10],
    [{ 'sampling.ratio': '0.25' }, 4],
    [{ SampleRate: '20' }, 20],
    [{ 'transaction.representative_count': '4' }, 4],
  ])('%j is %d', (attributes, count) => {
    expect(adjustedCount(attributes)).toBeCloseTo(count, 9);
  });

  it('is one of three, as far as five digits tell', () => {
    expect(adjustedCount({ 'otel.trace_state': 'ot=th:aaaaa' })).toBeCloseTo(3, 4);
  });

  it.each<Record<string, string>>([
    {},
    { 'otel.trace_state': 'ot=rv:00abcdef012345' },
    { 'otel.trace_state': 'other=th:8' },
    { 'otel.trace_state': 'ot=th:XYZ' },
    { 'otel.trace_state': 'ot=p:63' },
    { 'sampling.probability': '0' },
    { 'sampling.probability': '' },
    { SampleRate: '0.5' },
    { 'sampler.type': 'ratelimiting', 'sampler.param': '2' },
  ])('is not known of %j', (attributes) => {
    expect(adjustedCount(attributes)).toBeUndefined();
  });

  it('is that of the first span for all of a trace of Jaeger', () => {
    const root = { 'sampler.type': 'probabilistic', 'sampler.param': '0.001' };
    expect(adjustedCounts([{}, root, { SampleRate: '2' }])).toEqual([1000, 1000, 2]);
    expect(adjustedCounts([{}, { SampleRate: '2' }])).toEqual([undefined, 2]);
  });
});
