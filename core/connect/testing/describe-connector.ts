import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { toWire } from '../../base';
import { SIGNAL_OF, type TelemetryTable } from '../../model';
import type { Connector, PullRequest, Upstream } from '..';
import type { ConnectorSubject, Skipped } from './connector-subject';
import { killedAndResumed, onABadDay } from './disturbed';
import type { Row } from './import';
import {
  gather,
  hashOf,
  multiset,
  multisets,
  pullAll,
  text,
  untilMark,
  type Pulled,
  type Tables,
} from './pulled';
import { previewsWhatComes } from './preview-checks';
import { CountingUpstream, answer, intercepting, testEnv, throttling } from './upstreams';

type Check = (subject: ConnectorSubject, undisturbed: Pulled) => Promise<void>;

const LONG = { timeout: 300_000 };

/** More rows than any test has. */
const NO_BUDGET = 1_000_000_000;

/**
 * The contract of a connector, on a real server. `setup` starts it and fills it; it answers with the
 * reason where the server can't be had, and every test says SKIPPED.
 */
export function describeConnector(
  name: string,
  setup: () => Promise<ConnectorSubject | Skipped>,
): void {
  describe(`connector: ${name}`, () => {
    let found: ConnectorSubject | Skipped | undefined;
    let calm: Pulled | undefined;

    beforeAll(async () => {
      found = await setup();
      if ('skipped' in found) console.log(`SKIPPED: ${name}: ${found.skipped}`);
      else calm = await pullAll(open(found), requestOf(found));
    }, LONG.timeout);

    const check = async (context: TestContext, work: Check): Promise<void> => {
      if (found && 'skipped' in found) return context.skip(found.skipped);
      if (!found || !calm) throw new Error('The first pull failed.');
      await work(found, calm);
    };

    it('says product and version', LONG, (context) => check(context, saysWhatItIs));
    it('lists what is there, with counts', LONG, (context) => check(context, listsWhatIsThere));
    it('brings every row once, as an independent count has them', LONG, (context) =>
      check(context, bringsEveryRow),
    );
    it(
      'counts over time, by level and service, what it brings, where it has previews',
      LONG,
      (context) =>
        check(context, (subject, undisturbed) =>
          previewsWhatComes(subject, (upstream) => open(subject, upstream), undisturbed),
        ),
    );
    it('keeps its rows inside the windows and their references whole', LONG, (context) =>
      check(context, keepsReferences),
    );
    it('requests nothing before it is asked, and nothing after it is left', LONG, (context) =>
      check(context, waitsToBeAsked),
    );
    it('ends within one request of an abort', LONG, (context) => check(context, endsOnAbort));
    it('goes on after every mark without gap or duplicate', LONG, (context) =>
      check(context, resumesEverywhere),
    );
    it('repeats what 429 and 503 refuse, waits as told, and says so', LONG, (context) =>
      check(context, retries),
    );
    it('has the same rows after five kills at random', LONG, (context) =>
      check(context, async (subject, undisturbed) => {
        const opened = (upstream: Upstream) => open(subject, upstream);
        const { upstream } = subject;
        const hash = await killedAndResumed(opened, upstream, requestOf(subject), undisturbed);
        await context.annotate(`sha256 ${hash}, undisturbed ${hashOf(undisturbed.tables)}`);
        expect(hash).toBe(hashOf(undisturbed.tables));
      }),
    );
    it(
      'has the same rows from a backend that refuses, cuts and delays its answers',
      LONG,
      (context) =>
        check(context, async (subject, undisturbed) => {
          const opened = (upstream: Upstream) => open(subject, upstream);
          const hash = await onABadDay(opened, subject.upstream, requestOf(subject));
          await context.annotate(`sha256 ${hash}, undisturbed ${hashOf(undisturbed.tables)}`);
          expect(hash).toBe(hashOf(undisturbed.tables));
        }),
    );
    it('loses one query, not the rest', LONG, (context) => check(context, losesOneQuery));
    it('keeps to a budget and says what is missing', LONG, (context) =>
      check(context, keepsToBudget),
    );
    it('brings the same rows in the same order every time', LONG, (context) =>
      check(context, isRepeatable),
    );
    it('names wrong credentials and shows no secret', LONG, (context) =>
      check(context, hidesSecrets),
    );
    it('says where nothing listens', LONG, (context) => check(context, saysWhereNothingListens));
  });
}

function open(subject: ConnectorSubject, upstream: Upstream = subject.upstream): Connector {
  const config = subject.factory.config.parse(subject.config ?? {});
  return subject.factory.open(config, testEnv(upstream));
}

function requestOf(subject: ConnectorSubject, more: Partial<PullRequest> = {}): PullRequest {
  const { windows, select } = subject;
  return { windows, select, budget: NO_BUDGET, ...more };
}

async function saysWhatItIs(subject: ConnectorSubject): Promise<void> {
  const probe = await open(subject).probe(new AbortController().signal);
  expect(probe.product).toMatch(subject.product);
  expect(probe.version).toMatch(subject.version);
  expect(probe.facts.length).toBeGreaterThan(0);
}

async function listsWhatIsThere(subject: ConnectorSubject): Promise<void> {
  const { signal } = new AbortController();
  const { items } = await open(subject).discover(subject.windows, signal);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  const counts = new Map(items.map(({ id, count }) => [id, count]));
  for (const [id, count] of Object.entries(subject.counts)) {
    expect([id, counts.get(id)]).toEqual([id, count]);
  }
  const wanted = subject.select ?? [];
  expect(wanted.filter((id) => !counts.has(id))).toEqual([]);
  expect(items.some(({ selected }) => selected)).toBe(true);
}

function bringsEveryRow(subject: ConnectorSubject, { tables }: Pulled): Promise<void> {
  const names = Object.keys(subject.expected) as TelemetryTable[];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const expected = [...(subject.expected[name] ?? [])].sort();
    expect(expected.length).toBeGreaterThan(0);
    expect([...subject.keysOf(name, tables)].sort()).toEqual(expected);
  }
  return Promise.resolve();
}

const TIME: Readonly<Partial<Record<TelemetryTable, string>>> = {
  samples: 'ts',
  histogram_samples: 'ts',
  logs: 'ts',
  spans: 'start',
};

function keepsReferences(subject: ConnectorSubject, { tables }: Pulled): Promise<void> {
  checkReferences(tables);
  for (const [table, column] of Object.entries(TIME)) {
    const outside = (tables[table as TelemetryTable] ?? []).filter((row) => {
      const ts = row[column] as bigint;
      return !subject.windows.some(({ from, to }) => ts >= from && ts < to);
    });
    expect(outside.slice(0, 3)).toEqual([]);
  }
  return Promise.resolve();
}

function checkReferences(tables: Tables): void {
  const ids = (table: TelemetryTable, column: string): Set<unknown> =>
    new Set((tables[table] ?? []).map((row) => row[column]));
  const resources = ids('resources', 'resource_id');
  const series = ids('metric_series', 'series_id');
  for (const rows of Object.values(tables)) {
    const lost = rows.filter(
      ({ resource_id: resource, series_id: of }) =>
        (resource !== undefined && resource !== null && !resources.has(resource)) ||
        (of !== undefined && !series.has(of)),
    );
    expect(lost.slice(0, 3)).toEqual([]);
  }
}

async function waitsToBeAsked(subject: ConnectorSubject): Promise<void> {
  const counting = new CountingUpstream(subject.upstream);
  const pull = open(subject, counting).pull(requestOf(subject), new AbortController().signal);
  const iterator = pull[Symbol.asyncIterator]();
  await pause(30);
  expect(counting.count).toBe(0);
  for (let i = 0; i < 1000; i++) {
    const { done, value } = await iterator.next();
    if (done || value.kind === 'batch') break;
  }
  expect(counting.count).toBeGreaterThan(0);
  await iterator.return?.();
  const { count } = counting;
  await pause(100);
  expect(counting.count).toBe(count);
}

async function endsOnAbort(subject: ConnectorSubject): Promise<void> {
  const whole = new CountingUpstream(subject.upstream);
  await pullAll(open(subject, whole), requestOf(subject));
  const middle = Math.ceil(whole.count / 2);
  for (const at of new Set([1, middle, whole.count])) {
    const controller = new AbortController();
    const counting = new CountingUpstream(subject.upstream, (nth) => {
      if (nth === at) controller.abort();
    });
    const pulling = pullAll(open(subject, counting), requestOf(subject), controller.signal);
    await expect(pulling).rejects.toMatchObject({ code: 'cancelled' });
    expect(counting.count).toBeLessThanOrEqual(at + 1);
  }
  const controller = new AbortController();
  const counting = new CountingUpstream(subject.upstream);
  let before = 0;
  const left = (async () => {
    const connector = open(subject, counting);
    for await (const item of connector.pull(requestOf(subject), controller.signal)) {
      if (item.kind !== 'batch' || controller.signal.aborted) continue;
      before = counting.count;
      controller.abort();
    }
  })();
  await expect(left).rejects.toMatchObject({ code: 'cancelled' });
  expect(counting.count).toBeLessThanOrEqual(before + 1);
}

async function resumesEverywhere(subject: ConnectorSubject, calm: Pulled): Promise<void> {
  await resumesFrom(subject, calm, {});
  const more = { budget: subject.budget.rows };
  await resumesFrom(subject, await pullAll(open(subject), requestOf(subject, more)), more);
}

async function resumesFrom(
  subject: ConnectorSubject,
  calm: Pulled,
  more: Partial<PullRequest>,
): Promise<void> {
  expect(calm.cursors.length).toBeGreaterThan(0);
  const whole = multisets(calm.tables);
  const codes = (pulled: readonly Pulled[]): readonly string[] =>
    [...new Set(pulled.flatMap(({ notices }) => notices.map(({ code }) => code)))].sort();
  for (let nth = 0; nth < calm.cursors.length; nth++) {
    const { kept, cursor } = untilMark(calm, nth);
    const rest = await pullAll(open(subject), requestOf(subject, { ...more, resumeAt: cursor }));
    expect([nth, multisets(kept.tables, rest.tables)]).toEqual([nth, whole]);
    const coverage = multiset([...kept.coverage, ...rest.coverage]);
    expect([nth, coverage]).toEqual([nth, multiset(calm.coverage)]);
    expect([nth, codes([kept, rest])]).toEqual([nth, codes([calm])]);
  }
}

async function retries(subject: ConnectorSubject, calm: Pulled): Promise<void> {
  const wait = 7;
  const env = testEnv(throttling(subject.upstream, wait));
  const connector = subject.factory.open(subject.factory.config.parse(subject.config ?? {}), env);
  const pulled = await pullAll(connector, requestOf(subject));
  expect(multisets(pulled.tables)).toEqual(multisets(calm.tables));
  expect(env.sleeps).toContain(wait * 1000);
  const notice = pulled.notices.find(({ code }) => code === 'retried');
  expect(notice?.count).toBe(env.sleeps.length);
}

async function losesOneQuery(subject: ConnectorSubject): Promise<void> {
  const { failing } = subject;
  let failed = 0;
  const upstream = intercepting(subject.upstream, (request) => {
    if (!failing.request(request)) return undefined;
    failed++;
    return answer(failing.status ?? 500, '{"status":"error","error":"this one never works"}');
  });
  const pulled = await pullAll(open(subject, upstream), requestOf(subject));
  expect(failed).toBeGreaterThan(0);
  const names = Object.keys(failing.kept) as TelemetryTable[];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const kept = [...(failing.kept[name] ?? [])].sort();
    expect([...subject.keysOf(name, pulled.tables)].sort()).toEqual(kept);
  }
  const said = pulled.notices.filter(({ severity }) => severity !== 'info').map(text);
  expect(said.filter((line) => new RegExp(failing.missing).test(line)).join('\n')).not.toBe('');
}

async function keepsToBudget(subject: ConnectorSubject, calm: Pulled): Promise<void> {
  const { rows: budget, signal, total, whole, tolerance = 1.2, coarser } = subject.budget;
  expect(total).toBeGreaterThan(budget);
  const pulled = await pullAll(open(subject), requestOf(subject, { budget }));
  const ofSignal = (tables: Tables): readonly [TelemetryTable, Row][] =>
    (Object.entries(tables) as [TelemetryTable, readonly Row[]][])
      .filter(([table]) => SIGNAL_OF[table] === signal)
      .flatMap(([table, rows]) => rows.map((row): [TelemetryTable, Row] => [table, row]));
  const kept = ofSignal(pulled.tables);
  const must = whole
    ? ofSignal(calm.tables).filter(([table, row]) => whole(table, row, calm.tables))
    : [];
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(Math.max(budget * tolerance, must.length));
  const came = new Set(kept.map(unweighted));
  expect(must.filter((row) => !came.has(unweighted(row))).slice(0, 3)).toEqual([]);
  if (signal === 'spans') standForAll(kept, total);
  if (!coarser) {
    const all = new Set(ofSignal(calm.tables).map(unweighted));
    expect([...came].filter((row) => !all.has(row)).slice(0, 3)).toEqual([]);
  }
  checkReferences(pulled.tables);
  const about = pulled.coverage.filter((c) => c.signal === signal);
  expect(about.some(({ sampled }) => sampled)).toBe(true);
  const sum = (of: (c: (typeof about)[number]) => number): number =>
    about.reduce((n, c) => n + of(c), 0);
  expect(sum(({ rowsTotal }) => rowsTotal ?? 0)).toBe(total);
  expect(sum(({ rowsKept }) => rowsKept)).toBe(kept.length);
  const said = pulled.notices.filter(({ severity }) => severity !== 'info').map(text);
  expect(said.some((line) => /budget/i.test(line))).toBe(true);
}

/** A row without what it stands for: less comes within a budget, so that it stands for more. */
const unweighted = ([table, row]: readonly [TelemetryTable, Row]): string =>
  text([table, { ...row, adjusted_count: null }]);

/** How far a sample of a few hundred traces may be off. */
const ESTIMATE = 0.4;

/** Spans that were chosen stand for those that were not. */
function standForAll(kept: readonly (readonly [TelemetryTable, Row])[], total: number): void {
  const counts = kept.map(([, row]) => (row['adjusted_count'] as number | null) ?? 1);
  const stand = counts.reduce((sum, count) => sum + count, 0);
  expect(stand).toBeGreaterThan(kept.length);
  expect(Math.abs(stand / total - 1)).toBeLessThan(ESTIMATE);
}

async function isRepeatable(subject: ConnectorSubject, calm: Pulled): Promise<void> {
  const again = await pullAll(open(subject), requestOf(subject));
  expectSameOrder(again.tables, calm.tables);
  const request = requestOf(subject, { budget: subject.budget.rows });
  const first = await pullAll(open(subject), request);
  expectSameOrder((await pullAll(open(subject), request)).tables, first.tables);
}

function expectSameOrder(a: Tables, b: Tables): void {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
  for (const [table, rows] of Object.entries(a)) {
    const others = b[table as TelemetryTable] ?? [];
    const odd = rows.findIndex((row, i) => text(row) !== text(others[i]));
    expect([table, odd, rows[odd]]).toEqual([table, odd, others[odd]]);
    expect(rows.length).toBe(others.length);
  }
}

async function hidesSecrets(subject: ConnectorSubject, calm: Pulled): Promise<void> {
  const { signal } = new AbortController();
  const connector = open(subject, subject.wrong);
  const errors: unknown[] = [];
  const attempts = [
    () => connector.probe(signal),
    () => connector.discover(subject.windows, signal),
    () => pullAll(connector, requestOf(subject)),
  ];
  for (const attempt of attempts) {
    const error: unknown = await attempt().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'connector/auth' });
    // Servers name the user in what they answer.
    expect(error).not.toHaveProperty('detail.body');
    errors.push(toWire(error), String(error));
  }
  const said = text([errors, calm.notices, calm.cursors, calm.coverage, gather(calm.items).tables]);
  for (const secret of subject.secrets) {
    expect(said.includes(secret)).toBe(false);
    expect(said.includes(Buffer.from(secret).toString('base64'))).toBe(false);
  }
}

async function saysWhereNothingListens(subject: ConnectorSubject): Promise<void> {
  const connector = open(subject, subject.dead);
  const { signal } = new AbortController();
  const code = { code: 'connector/unreachable' };
  await expect(connector.probe(signal)).rejects.toMatchObject(code);
  await expect(connector.discover(subject.windows, signal)).rejects.toMatchObject(code);
  await expect(pullAll(connector, requestOf(subject))).rejects.toMatchObject(code);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
