import { describe, expect, it } from 'vitest';
import type { Upstream } from './seam';
import { send } from './request';
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
