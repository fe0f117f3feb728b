import { z } from 'zod';
import { FaultlineError, throwIfAborted } from '../../base';
import { traceIdsIn, type Notice } from '../../model';
import { RowSink } from '../kit/rows';
import type { Catalog, CatalogItem, ConfigField, PullItem, PullRequest } from '../seam';
import { ABREAST, inOrder } from './collect';
import { Lanes } from './lanes';
import type { StoredSpan, TraceStore } from './store';
import { TraceTally, tallySchema } from './tally';

/** The field of a store of traces that names single ones. */
export const TRACE_FIELD: ConfigField = {
  name: 'trace',
  label: 'Trace ids',
  hint: 'One or several, also as traceparent: these alone are pulled, whatever the time',
  required: false,
  timeless: true,
};

/** Trace ids as a person gave them, each once, as 32 lower-case hex digits with blanks between them. */
export const traceIds = z
  .string()
  .transform((text, context) => {
    if (text.trim() === '') return undefined;
    const ids = traceIdsIn(text);
    if (ids) return ids.join(' ');
    context.addIssue({
      code: 'custom',
      message: 'is no list of trace ids: 32 or 16 hex digits each, or a traceparent.',
    });
    return z.NEVER;
  })
  .optional();

/** Of a setting that `traceIds` has read. */
export const namedTraces = (setting: string | undefined): readonly string[] =>
  setting?.split(' ').filter(Boolean) ?? [];

const schema = z.object({
  kind: z.literal('named'),
  ids: z.array(z.string()),
  /** How many of them were asked for. */
  done: z.number(),
  spans: z.number(),
  /** Where they begin and end, ns; '' before there are any. */
  from: z.string(),
  to: z.string(),
  missing: z.array(z.string()),
  tally: tallySchema,
});
type Position = z.infer<typeof schema>;

/** Where a pull of named traces was cut; undefined for a cursor of another kind. */
export function namedCursor(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const itemOfTrace = (id: string): string => `trace:${id}`;

/** What came of one id: its spans, that it is not there, or that it can't be had, which the tally has. */
interface Read {
  readonly id: string;
  readonly there: boolean;
  readonly spans: readonly StoredSpan[];
  readonly remarks: TraceTally;
}

async function read(store: TraceStore, id: string, signal: AbortSignal): Promise<Read> {
  const remarks = new TraceTally();
  try {
    const found = await store.trace(id, signal);
    const spans = await found?.read(remarks);
    const there = found !== undefined && spans?.length !== 0;
    return { id, there, spans: inOrder(spans ?? [], remarks), remarks };
  } catch (error) {
    if (!(error instanceof FaultlineError) || !OF_ONE.has(error.code)) throw error;
    remarks.add('traces-failed', `${id}: ${error.message}`);
    return { id, there: true, spans: [], remarks };
  }
}

/** Errors that are about one trace and say nothing of the others. */
const OF_ONE = new Set(['connector/refused', 'connector/bad-answer', 'connector/limit']);

/**
 * Pulls single traces by their ids, whole, whenever they were and whatever the budget; some at once, in the order of
 * the ids. One that is not there is a notice; where none is, that is an error ('not-found').
 */
export async function* pullNamed(
  store: TraceStore,
  given: readonly string[],
  { select, budget, resumeAt }: Pick<PullRequest, 'select' | 'budget' | 'resumeAt'>,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  throwIfAborted(signal);
  const at = namedCursor(resumeAt) ?? begin(given.filter((id) => isChosen(id, select)));
  const tally = new TraceTally(at.tally);
  const lanes = new Lanes(ABREAST, store.retries);
  while (at.done < at.ids.length) {
    const some = at.ids.slice(at.done, at.done + ABREAST);
    const rows = new RowSink(undefined, { redact: true });
    for (const one of await lanes.all(some, (id) => read(store, id, signal))) {
      tally.join(one.remarks);
      if (!one.there) at.missing.push(one.id);
      for (const { row } of one.spans) {
        rows.span(row);
        reach(at, row.start);
      }
      at.spans += one.spans.length;
    }
    for (const batch of rows.batches()) yield { kind: 'batch', batch };
    for (const { code, count } of rows.notices.take()) tally.add(code, '', count);
    at.done += some.length;
    const { done, ids } = at;
    yield { kind: 'progress', done, total: ids.length, unit: 'traces', label: 'traces by id' };
    yield { kind: 'mark', cursor: JSON.stringify(at) };
  }
  yield* conclusion(store, at, budget, signal);
}

const isChosen = (id: string, select: readonly string[] | undefined): boolean =>
  select?.includes(itemOfTrace(id)) ?? true;

const begin = (ids: readonly string[]): Position => ({
  kind: 'named',
  ids: [...ids],
  done: 0,
  spans: 0,
  from: '',
  to: '',
  missing: [],
  tally: {},
});

function reach(at: Position, start: bigint): void {
  if (at.from === '' || start < BigInt(at.from)) at.from = String(start);
  if (at.to === '' || start >= BigInt(at.to)) at.to = String(start + 1n);
}

async function* conclusion(
  store: TraceStore,
  at: Position,
  budget: number,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  const tally = new TraceTally(at.tally);
  if (at.spans === 0) throw await nothing(store, at, signal);
  tally.add('traces-not-found', at.missing.join(', '), at.missing.length);
  yield {
    kind: 'coverage',
    coverage: {
      signal: 'spans',
      window: { from: BigInt(at.from), to: BigInt(at.to) },
      rowsTotal: null,
      rowsKept: at.spans,
      sampled: false,
      how: `Single traces, asked for by their ids (${at.ids.length}); what else there is was not asked for.`,
    },
  };
  const notices: Notice[] = [...tally.notices(store.name, store.sentences)];
  if (at.spans > budget) {
    notices.push({
      code: 'budget-exceeded',
      severity: 'warning',
      count: at.spans - budget,
      message: `${at.spans} spans came for a budget of ${budget}: traces that are asked for by their ids come whole.`,
    });
  }
  const retried = store.retries.notice();
  if (retried) notices.push(retried);
  for (const notice of notices) yield { kind: 'notice', notice };
}

/** Why nothing came: another backend than was thought, an answer that was none, or traces that are not there. */
async function nothing(
  store: TraceStore,
  { ids, missing, tally }: Position,
  signal: AbortSignal,
): Promise<FaultlineError> {
  // What is no such backend has no trace either; its list of services tells.
  await store.services(signal, []);
  if (ids.length === 0) {
    return new FaultlineError('usage', 'None of the traces that were named was chosen.');
  }
  const { name } = store;
  const [it, is] = missing.length === 1 ? ['it', 'it is'] : ['them', 'they are'];
  if (missing.length < ids.length) {
    const said = new TraceTally(tally).notices(name, store.sentences);
    const why = said.map(({ message }) => message).join(' ');
    return new FaultlineError('connector/refused', why || `${name} handed out no span.`);
  }
  const which =
    missing.length === 1 ? `the trace ${missing[0]}` : `any of the ${missing.length} traces`;
  return new FaultlineError(
    'not-found',
    `${name} does not have ${which}. Maybe ${is} older than its retention, a sampler left ${it} out, or another backend or tenant has ${it}.`,
    { detail: { traces: missing } },
  );
}

/** The named traces that are there, with their spans; a notice says which are not. */
export async function discoverNamed(
  store: TraceStore,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Catalog> {
  const lanes = new Lanes(ABREAST, store.retries);
  const tally = new TraceTally();
  const items: CatalogItem[] = [];
  const missing: string[] = [];
  for (const { id, there, spans, remarks } of await lanes.all(ids, (one) =>
    read(store, one, signal),
  )) {
    tally.join(remarks);
    if (!there) missing.push(id);
    if (spans.length === 0) continue;
    items.push({
      id: itemOfTrace(id),
      title: titleOf(id, spans),
      signal: 'spans',
      count: spans.length,
      unit: 'spans',
      selected: true,
    });
  }
  if (items.length === 0) await store.services(signal, []);
  tally.add('traces-not-found', missing.join(', '), missing.length);
  const notices: Notice[] = [...tally.notices(store.name, store.sentences)];
  const retried = store.retries.notice();
  return { items, notices: retried ? [...notices, retried] : notices };
}

function titleOf(id: string, spans: readonly StoredSpan[]): string {
  const first = spans.find(({ row }) => !row.parentSpanId) ?? spans[0];
  return first ? `${id}  ${first.service}: ${first.row.name}` : id;
}
