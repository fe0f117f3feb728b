import { describe, expect, it } from 'vitest';
import type { Upstream } from './seam';
import { RetryCount, send } from './request';
import { answer, testEnv } from './testing/upstreams';

const { signal } = new AbortController();
const answering = (status: number): Upstream => ({
  send: () => Promise.resolve(answer(status, '{"error":"user [ada] may not read"}')),
});
const sent = (status: number): Promise<unknown> =>
  send(testEnv(answering(status)), { method: 'GET', path: '/x' }, { signal });

describe('a refused request', () => {
  it.each([401, 403])(
    'quotes nothing of what a %i answers: it may name the user',
    async (status) => {
      await expect(sent(status)).rejects.toMatchObject({
        code: 'connector/auth',
        detail: { status, path: '/x' },
      });
      const error: unknown = await sent(status).catch((thrown: unknown) => thrown);
      expect(JSON.stringify([error, String(error)])).not.toContain('ada');
    },
  );

  it('quotes the answer to other refusals', async () => {
    await expect(sent(400)).rejects.toMatchObject({
      code: 'connector/refused',
      detail: { status: 400, path: '/x', body: '{"error":"user [ada] may not read"}' },
    });
  });
});

describe('an answer that ends in the middle', () => {
  const cutFor = (times: number): Upstream => {
    let nth = 0;
    const whole = '{"status":"success","data":[1,2,3]}\n';
    return {
      send: () => Promise.resolve(answer(200, ++nth <= times ? whole.slice(0, 20) : whole)),
    };
  };

  it('is asked for again, and counted', async () => {
    const retries = new RetryCount();
    const request = { method: 'GET', path: '/x' } as const;
    const { body } = await send(testEnv(cutFor(2)), request, { signal, retries });
    expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({ status: 'success' });
    expect(retries.notice()).toMatchObject({ code: 'retried', count: 2 });
  });

  it('is an error where it always does', async () => {
    const asked = send(testEnv(cutFor(100)), { method: 'GET', path: '/x' }, { signal });
    await expect(asked).rejects.toMatchObject({ code: 'connector/unreachable' });
  });

  it.each(['{"data":[{"a":"]}"}', '[["\\"]",1]'])('behind a bracket, as %s, too', async (cut) => {
    const whole = '{"data":[]}';
    let nth = 0;
    const upstream = { send: () => Promise.resolve(answer(200, nth++ === 0 ? cut : whole)) };
    const { body } = await send(testEnv(upstream), { method: 'GET', path: '/x' }, { signal });
    expect(new TextDecoder().decode(body)).toBe(whole);
  });
});
