import { z } from 'zod';
import { FaultlineError, throwIfAborted } from '../../core/base';
import { isPartial, pathOf, searchAnswer, type Client, type Json, type SearchAnswer } from './api';
import { expressionQuery } from './reader';

/** How long one answer is waited for: shorter than what proxies allow, so that a long search is polled. */
const WAIT = '20s';
const KEEP_ALIVE = '5m';

/** Below what path searches run on their own: Elasticsearch's, or that of OpenSearch's plugin. */
const PLACES = ['/_async_search', '/_plugins/_asynchronous_search'] as const;

const running = z
  .object({
    id: z.string().optional(),
    is_running: z.boolean().optional(),
    is_partial: z.boolean().optional(),
    state: z.string().optional(),
    response: searchAnswer.optional(),
    error: z.object({ reason: z.string().nullish(), type: z.string().nullish() }).optional(),
  })
  .transform(({ is_running: on, is_partial: partial, state, ...rest }) => ({
    ...rest,
    running: on ?? /^(INIT|RUNNING)$/i.test(state ?? ''),
    partial: partial ?? false,
  }));
type Running = z.output<typeof running>;

export interface LongSearch {
  readonly expression: string;
  readonly body: Json;
  /** Some of its shards are known to be down: their 503 is an answer, not a reason to wait. */
  readonly red: boolean;
  /** As of a target. */
  readonly frozen?: boolean;
}

/**
 * A search that may take long, such as a count over weeks. Where the server can run it on its own, it is asked
 * for until it is done, so that no proxy ends it, and deleted when it is not wanted any more.
 */
export async function longSearch(client: Client, search: LongSearch): Promise<SearchAnswer> {
  let place = client.found.get('async search');
  if (!place) client.found.set('async search', (place = placeOf(client)));
  const found = await place;
  const { expression, body, red, frozen } = search;
  const options = red ? { giveUpOn: [503] } : {};
  if (found === undefined) {
    const path = `/${pathOf(expression)}/_search`;
    const request = { method: 'POST', path, query: expressionQuery(frozen), body } as const;
    return client.call(request, searchAnswer, options);
  }
  const query = [
    ...expressionQuery(frozen),
    ['wait_for_completion_timeout', WAIT] as const,
    ['keep_alive', KEEP_ALIVE] as const,
    ['keep_on_completion', 'false'] as const,
  ];
  const path = `/${pathOf(expression)}${found}`;
  const first = await client.call({ method: 'POST', path, query, body }, running, options);
  return first.running ? polled(client, found, first) : answerOf(first, path);
}

async function polled(client: Client, place: string, first: Running): Promise<SearchAnswer> {
  const { id } = first;
  if (id === undefined) return answerOf(first, place);
  const path = `${place}/${encodeURIComponent(id)}`;
  const query = [
    ['wait_for_completion_timeout', WAIT],
    ['keep_alive', KEEP_ALIVE],
  ] as const;
  try {
    for (;;) {
      const now = await client.call({ method: 'GET', path, query }, running);
      if (!now.running) return answerOf(now, path);
      throwIfAborted(client.signal);
    }
  } finally {
    await client.release({ method: 'DELETE', path });
  }
}

/** What came; shards that are missing in a search that ended early are failed ones. */
function answerOf({ response, partial, error }: Running, path: string): SearchAnswer {
  if (response === undefined) {
    const why = error?.reason ?? error?.type ?? 'it ended without an answer';
    throw new FaultlineError('connector/refused', `The backend gave up ${path}: ${why}`, {
      detail: { path },
    });
  }
  const { shards } = response;
  if (!partial || !shards || shards.failed > 0) return response;
  return { ...response, shards: { ...shards, failed: 1 } };
}

/** The place where the server lets searches run; it says what it lacks by "no handler found". */
async function placeOf(client: Client): Promise<string | undefined> {
  for (const place of PLACES) {
    const request = { method: 'GET', path: `${place}/none` } as const;
    try {
      const { status, body } = await client.raw(request, [400, 401, 403, 404, 405, 410, 500]);
      const said = new TextDecoder().decode(body.subarray(0, 2000));
      const knows = /resource_not_found|invalid id|illegal_argument/i.test(said);
      if ((status === 400 || status === 404) && knows && !/no handler/i.test(said)) return place;
    } catch (error) {
      if (!isPartial(error)) throw error;
    }
  }
  return undefined;
}
