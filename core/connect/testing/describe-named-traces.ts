import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { PullRequest, Upstream } from '..';
import type { ConnectorSubject, Skipped } from './connector-subject';
import { killedAndResumed, onABadDay } from './disturbed';
import type { Row } from './import';
import { hashOf, multisets, pullAll, untilMark, type Pulled } from './pulled';
import { oracle, windows } from './trace-oracle';
import { CountingUpstream, testEnv } from './upstreams';

/** A store that holds the whole trace-oracle. */
export interface NamedSubject extends Pick<ConnectorSubject, 'factory' | 'upstream' | 'keysOf'> {
  readonly config?: Readonly<Record<string, string>>;
  /** What comes of a span of the oracle, as `keysOf` writes it. */
  readonly key: (row: Row) => string;
}

const LONG = { timeout: 120_000 };
const all = oracle.spans ?? [];
const [, FIRST = '', SECOND = '', ...OTHERS] = [
  ...new Set(all.map((row) => row['trace_id'] as string)),
];
const GONE = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';
const NOWHEN = [{ from: 1n, to: 2n }];

/** What holds of any store of traces that is asked for single ones. */
export function describeNamedTraces(
  name: string,
  setup: () => Promise<NamedSubject | Skipped>,
): void {
  describe(`single traces: ${name}`, () => {
    let found: NamedSubject | Skipped;
    beforeAll(async () => void (found = await setup()), LONG.timeout);

    const check = async (
      context: TestContext,
      work: (subject: NamedSubject) => Promise<void>,
    ): Promise<void> => {
      if ('skipped' in found) return context.skip(found.skipped);
      await work(found);
    };

    it('brings exactly the traces that are named, whole, whatever the window', LONG, (context) =>
      check(context, async (subject) => {
        const spelt = `${FIRST.toUpperCase()}, 00-${SECOND}-00f067aa0ba902b7-01\n${FIRST}`;
        for (const asked of [NOWHEN, windows, []]) {
          const { tables, coverage, notices } = await pull(subject, spelt, { windows: asked });
          const expected = expectedOf(subject, [FIRST, SECOND]);
          expect([...subject.keysOf('spans', tables)].sort()).toEqual(expected);
          expect(tables.stated_relations).toBeUndefined();
          expect(notices.filter(({ severity }) => severity !== 'info')).toEqual([]);
          const times = (tables.spans ?? []).map((row) => row['start'] as bigint).sort(order);
          const window = { from: times[0], to: (times.at(-1) ?? 0n) + 1n };
          expect(coverage).toMatchObject([
            { signal: 'spans', window, rowsKept: expected.length, rowsTotal: null },
          ]);
        }
      }),
    );

    it('says which of them are not there, and fails where none is', LONG, (context) =>
      check(context, async (subject) => {
        const { tables, notices } = await pull(subject, `${GONE} ${FIRST}`);
        expect([...subject.keysOf('spans', tables)].sort()).toEqual(expectedOf(subject, [FIRST]));
        expect(notices).toMatchObject([
          { code: 'traces-not-found', severity: 'warning', count: 1 },
        ]);
        expect(notices[0]?.message).toContain(GONE);
        await expect(pull(subject, GONE)).rejects.toMatchObject({
          code: 'not-found',
          message: expect.stringMatching(`${GONE}.*retention.*another backend`) as unknown,
        });
      }),
    );

    it('lists them with their spans', LONG, (context) =>
      check(context, async (subject) => {
        const { items, notices } = await open(subject, `${FIRST} ${GONE}`).discover(
          [],
          new AbortController().signal,
        );
        const count = expectedOf(subject, [FIRST]).length;
        expect(items).toMatchObject([
          { id: `trace:${FIRST}`, count, unit: 'spans', selected: true },
        ]);
        expect(notices).toMatchObject([{ code: 'traces-not-found', count: 1 }]);
        const both = `${FIRST} ${SECOND}`;
        const chosen = await pull(subject, both, { select: [`trace:${SECOND}`] });
        const expected = expectedOf(subject, [SECOND]);
        expect([...subject.keysOf('spans', chosen.tables)].sort()).toEqual(expected);
      }),
    );

    it('has the same rows after kills, and from a backend that refuses and cuts', LONG, (context) =>
      check(context, async (subject) => {
        const many = [FIRST, ...OTHERS.slice(0, 24), GONE].join(' ');
        const calm = await pull(subject, many);
        const request = requestOf({});
        const opened = (upstream: Upstream) => open(subject, many, upstream);
        const hash = hashOf(calm.tables);
        expect(await killedAndResumed(opened, subject.upstream, request, calm)).toBe(hash);
        expect(await onABadDay(opened, subject.upstream, request)).toBe(hash);
        expect(calm.cursors.length).toBeGreaterThan(2);
        for (const nth of calm.cursors.keys()) {
          const { kept, cursor } = untilMark(calm, nth);
          // What the connection names by then has no say.
          const rest = await pull(subject, '', { resumeAt: cursor });
          expect(multisets(kept.tables, rest.tables)).toEqual(multisets(calm.tables));
          expect(rest.notices).toEqual(calm.notices);
          expect(rest.coverage).toEqual(calm.coverage);
        }
      }),
    );

    it('asks for nothing but them', LONG, (context) =>
      check(context, async (subject) => {
        const counting = new CountingUpstream(subject.upstream);
        await pullAll(open(subject, FIRST, counting), requestOf({}));
        const paths = counting.requests.map(({ path }) => path);
        expect(paths.filter((path) => path.includes(FIRST))).toHaveLength(1);
        expect(paths.length).toBeLessThan(3);
      }),
    );

    it('refuses what is no trace id', () => {
      if ('skipped' in found) return;
      expect(found.factory.config.safeParse({ trace: 'checkout' }).success).toBe(false);
      expect(found.factory.config.parse({ trace: '' })['trace']).toBeUndefined();
      const [id] = [found.factory.config.parse({ trace: `${FIRST},${FIRST.toUpperCase()}` })];
      expect(id['trace']).toBe(FIRST);
    });
  });
}

const order = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

function open(subject: NamedSubject, trace: string, upstream = subject.upstream) {
  const config = subject.factory.config.parse({ ...subject.config, trace });
  return subject.factory.open(config, testEnv(upstream));
}

const requestOf = (more: Partial<PullRequest>): PullRequest => ({
  windows: NOWHEN,
  budget: 1_000_000,
  ...more,
});

const pull = (
  subject: NamedSubject,
  trace: string,
  more: Partial<PullRequest> = {},
): Promise<Pulled> => pullAll(open(subject, trace), requestOf(more));

const expectedOf = ({ key }: NamedSubject, ids: readonly string[]): readonly string[] =>
  all
    .filter((row) => ids.includes(row['trace_id'] as string))
    .map(key)
    .sort();
