import { describe, expect, it } from 'vitest';
import type { Upstream, UpstreamRequest } from '../../core/connect';
import { RetryCount } from '../../core/connect';
import { answer, testEnv } from '../../core/connect/testing/upstreams';
import { Client } from './api';
import { longSearch } from './async-search';

const response = (count: number) => ({
  took: 31_000,
  timed_out: false,
  _shards: { total: 2, successful: 2, skipped: 0, failed: 0 },
  hits: { total: { value: count, relation: 'eq' }, max_score: null, hits: [] },
});

interface Recorded {
  readonly place: string;
  readonly knowing: string;
  readonly started: unknown;
  readonly polled: readonly unknown[];
}

/** As elastic.co's and opensearch.org's references of the two APIs show them; ids are theirs. */
const ELASTICSEARCH: Recorded = {
  place: '/_async_search',
  knowing:
    '{"error":{"type":"illegal_argument_exception","reason":"invalid id: [none]"},"status":400}',
  started: {
    id: 'FmRldE8zREVEUzA2ZVpUeGs2ejJFUFEaMkZ5QTVrSTZSaVN3WlNFVmtlWHJsdzoxMDc=',
    is_partial: true,
    is_running: true,
    start_time_in_millis: 1_583_945_890_986,
    expiration_time_in_millis: 1_584_377_890_986,
    response: response(0),
  },
  polled: [
    { id: 'x', is_partial: true, is_running: true, response: response(3) },
    { id: 'x', is_partial: false, is_running: false, response: response(7) },
  ],
};
const OPENSEARCH: Recorded = {
  place: '/_plugins/_asynchronous_search',
  knowing:
    '{"error":{"type":"resource_not_found_exception","reason":"Either the resource not found or you may not have access"},"status":404}',
  started: {
    id: 'FklfVlU4eFdIUTh1Q1hyM3ZnT19fUVEUd29KLWZYUUI3TzRpdU5wMjRYOHg=',
    state: 'RUNNING',
    start_time_in_millis: 1_599_833_301_297,
    response: response(0),
  },
  polled: [{ id: 'x', state: 'SUCCEEDED', response: response(7) }],
};

/** A server that gives recorded answers in turn. */
function serverOf(recorded: Recorded, onPoll: (nth: number) => void = () => undefined) {
  const requests: UpstreamRequest[] = [];
  let nth = 0;
  const upstream: Upstream = {
    send: async (request) => {
      requests.push(request);
      await Promise.resolve();
      const { method, path } = request;
      if (path.endsWith('/none')) {
        const known = path.startsWith(recorded.place);
        const other = `{"error":"no handler found for uri [${path}] and method [GET]"}`;
        return answer(400, known ? recorded.knowing : other);
      }
      if (method === 'POST') return answer(200, JSON.stringify(recorded.started));
      if (method === 'DELETE') return answer(200, '{"acknowledged":true}');
      onPoll(nth);
      return answer(200, JSON.stringify(recorded.polled[nth++] ?? recorded.polled.at(-1)));
    },
  };
  return { upstream, requests };
}

const SEARCH = { expression: 'logs-*', body: { size: 0 }, red: false };

describe('a search that runs on its own (recorded answers)', () => {
  it.each([
    ['Elasticsearch', ELASTICSEARCH],
    ['OpenSearch', OPENSEARCH],
  ])('is asked for until it is done, and deleted, in %s', async (_, recorded) => {
    const { upstream, requests } = serverOf(recorded);
    const client = new Client(testEnv(upstream), new AbortController().signal, new RetryCount());
    const found = await longSearch(client, SEARCH);
    expect(found.total).toBe(7);
    const asked = requests.map(({ method, path }) => `${method} ${path.slice(0, 40)}`);
    expect(asked.at(-1)).toMatch(new RegExp(`^DELETE ${recorded.place}/`));
    expect(asked.filter((line) => line.startsWith(`POST /logs-*${recorded.place}`))).toHaveLength(
      1,
    );
    const before = requests.length;
    await longSearch(client, SEARCH);
    // Whether the server can do it is found out once.
    expect(requests.slice(before).some(({ path }) => path.endsWith('/none'))).toBe(false);
  });

  it.each([
    ['Elasticsearch', ELASTICSEARCH],
    ['OpenSearch', OPENSEARCH],
  ])('is deleted where the pull is cancelled meanwhile, in %s', async (_, recorded) => {
    const controller = new AbortController();
    const { upstream, requests } = serverOf(recorded, () => controller.abort());
    const client = new Client(testEnv(upstream), controller.signal, new RetryCount());
    const polled = [recorded.started, recorded.started];
    const slow = serverOf({ ...recorded, polled }, () => controller.abort());
    const slowly = new Client(testEnv(slow.upstream), controller.signal, new RetryCount());
    await expect(longSearch(slowly, SEARCH)).rejects.toMatchObject({ code: 'cancelled' });
    expect(slow.requests.at(-1)).toMatchObject({ method: 'DELETE' });
    await expect(longSearch(client, SEARCH)).rejects.toMatchObject({ code: 'cancelled' });
    expect(requests).toEqual([]);
  });

  it('says that shards are missing where it ended early, and why where it failed', async () => {
    const partial = { id: 'x', is_partial: true, is_running: false, response: response(3) };
    const early = serverOf({ ...ELASTICSEARCH, polled: [partial] });
    const signal = new AbortController().signal;
    const client = new Client(testEnv(early.upstream), signal, new RetryCount());
    expect((await longSearch(client, SEARCH)).shards?.failed).toBe(1);
    const error = {
      type: 'too_many_buckets_exception',
      reason: 'Trying to create too many buckets.',
    };
    const failed = serverOf({ ...OPENSEARCH, polled: [{ id: 'x', state: 'FAILED', error }] });
    const other = new Client(testEnv(failed.upstream), signal, new RetryCount());
    await expect(longSearch(other, SEARCH)).rejects.toThrow('too many buckets');
  });
});
