import { describe, expect, it } from 'vitest';
import { createUpstream } from '../http-undici';
import { answerOfError } from './errors';

const brokers = { forgetMetadata: () => undefined };
const thrown = (more: object): Error => Object.assign(new Error('Connection error'), more);
const answered = (error: Error, endpoint = 'kafka://seed:9092') =>
  answerOfError(error, endpoint, brokers);

describe('trouble with brokers', () => {
  it('names a broker that only the cluster names', () => {
    const lost = thrown({ code: 'ENOTFOUND', broker: 'kafka-1.internal:9092' });
    expect(() => answered(lost)).toThrow(/kafka-1.internal:9092 cannot .*advertised.listeners/);
    expect(() => answered(lost, 'kafka://seed:9092,kafka-1.internal:9092')).toThrow(
      /internal:9092 cannot be reached: the name is not known\.$/,
    );
  });

  it('is found at the bottom of what it is wrapped in', () => {
    const cause = thrown({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(answered(new Error('retries', { cause: new Error('again', { cause }) })).status).toBe(
      403,
    );
    const moved = thrown({ type: 'NOT_LEADER_FOR_PARTITION', retriable: true });
    expect(answered(moved).status).toBe(503);
    expect(answered(thrown({ type: 'CORRUPT', retriable: false })).status).toBe(422);
  });

  it('is said of a real socket', async () => {
    const { upstream } = createUpstream({ url: 'kafka://127.0.0.1:1,127.0.0.1:2' });
    const asked = upstream.send({ method: 'GET', path: '/cluster' });
    await expect(asked).rejects.toThrow(
      'kafka://127.0.0.1:1,127.0.0.1:2 cannot be reached: nothing listens there.',
    );
    await expect(asked).rejects.toMatchObject({ code: 'connector/unreachable', retryable: true });
  });

  it('is no try where the way makes no sense', () => {
    const open = (more: object) => () => createUpstream({ url: 'kafka://a', ...more });
    expect(open({ access: { proxy: 'http://proxy:3128' } })).toThrow(/HTTP proxy/);
    expect(open({ auth: 'aws' })).toThrow(/bearer token or a client certificate/);
    expect(open({ url: 'kafka://a:b:c' })).toThrow(/no address of Kafka brokers/);
  });
});
