import { planBudget, type PullRequest } from '../../core/connect';
import type { TimeWindow } from '../../core/base';
import type { Notice, Signal } from '../../core/model';
import { isPartial, statusOf, type Client } from './api';
import type { Cursor, Sampling, Target } from './cursor';
import {
  countOf,
  countUntimed,
  list,
  unreadable,
  type ListOptions,
  type Listing,
} from './discover';
import { identify } from './identify';
import { allOf, anyOf, errorQuery, inWindow } from './queries';
import { isAlerts, mappingWords, signalOf } from './spec';
import { TRACES_PER_QUERY, tracesWithErrors } from './traces';

export interface Plan {
  readonly cursor: Cursor;
  readonly notices: readonly Notice[];
}

/** Counts first: what is there, what of it comes, and what a budget leaves out. */
export async function makePlan(
  client: Client,
  request: PullRequest,
  options: Omit<ListOptions, 'windows' | 'only'>,
  windows: readonly TimeWindow[],
): Promise<Plan> {
  const { product } = await identify(client);
  const only = request.select && new Set(request.select);
  const listing = await list(client, { ...options, windows, only });
  const chosen = listing.found.filter(({ item }) => only?.has(item.id) ?? item.selected);
  const targets = chosen.flatMap(({ target }) => (target ? [target] : []));
  const notices = [...listing.notices, ...choiceNotices(listing, request.select)];
  for (const target of targets) {
    if (target.guessed) notices.push(guessNotice(target));
    if (isAlerts(target.mapping.profile)) continue;
    try {
      const untimed = await countUntimed(client, target);
      if (untimed) notices.push(untimed);
    } catch (error) {
      if (!isPartial(error)) throw error;
      notices.push(unreadable(target.id, error));
    }
  }
  const counts = new Map(chosen.map(({ item }) => [item.id, item.count ?? 0]));
  const sampling: Record<string, Sampling> = {};
  for (const signal of new Set(targets.map(({ mapping }) => signalOf(mapping.profile)))) {
    const ofSignal = targets.filter(({ mapping }) => signalOf(mapping.profile) === signal);
    const total = ofSignal.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
    if (total <= request.budget) continue;
    const thinned = await sample(client, ofSignal, windows, total, request.budget);
    sampling[signal] = thinned.sampling;
    notices.push(budgetNotice(signal, total, request.budget, thinned));
  }
  const total = targets.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
  const from = String(windows[0]?.from ?? 0n);
  const cursor: Cursor = {
    v: 1,
    product,
    targets: [...targets],
    sampling,
    total,
    done: 0,
    at: { target: 0, window: 0, from },
    open: { from, kept: 0, total: 0 },
    tally: [],
  };
  return { cursor, notices };
}

interface Thinned {
  readonly sampling: Sampling;
  readonly errors: number;
  /** Spans of traces with an error; null where spans are not chosen by trace. */
  readonly inTraces: number | null;
}

/** Errors whole (with their traces, where the budget holds those), and a share of the rest. */
async function sample(
  client: Client,
  targets: readonly Target[],
  windows: readonly TimeWindow[],
  total: number,
  budget: number,
): Promise<Thinned> {
  let errors = 0;
  let inTraces: number | null = 0;
  for (const target of targets) {
    const query = errorQuery(target.mapping);
    if (query === undefined) continue;
    const ranges = anyOf(windows.map((window) => inWindow(target.mapping, window)));
    const failed = await orZero(() => countOf(client, target, allOf([ranges, query])));
    errors += failed;
    if (inTraces === null || failed === 0 || !isTraced(target)) continue;
    // More failed spans than rows that may come: their traces whole are out of the question.
    if (errors > budget) inTraces = null;
    else inTraces = plus(inTraces, await spansOfFailedTraces(client, target, windows));
  }
  const wholeTraces = inTraces !== null && inTraces > 0 && Math.max(errors, inTraces) <= budget;
  const whole = wholeTraces ? Math.max(errors, inTraces ?? 0) : errors;
  const { share } = planBudget(total, whole, budget);
  return { sampling: { share, wholeTraces }, errors, inTraces: wholeTraces ? inTraces : null };
}

function isTraced({ mapping }: Target): boolean {
  return signalOf(mapping.profile) === 'spans' && mapping.trace !== undefined;
}

function plus(a: number, b: number | null): number | null {
  return b === null ? null : a + b;
}

/** Null where there are too many traces to name. */
async function spansOfFailedTraces(
  client: Client,
  target: Target,
  windows: readonly TimeWindow[],
): Promise<number | null> {
  const { trace } = target.mapping;
  const traces = await tracesWithErrors(client, target, windows);
  if (traces === undefined || trace === undefined) return null;
  const ranges = anyOf(windows.map((window) => inWindow(target.mapping, window)));
  const ids = [...traces];
  let spans = 0;
  for (let at = 0; at < ids.length; at += TRACES_PER_QUERY) {
    const terms = { terms: { [trace]: ids.slice(at, at + TRACES_PER_QUERY) } };
    spans += await countOf(client, target, allOf([ranges, terms]));
  }
  return spans;
}

async function orZero(count: () => Promise<number>): Promise<number> {
  try {
    return await count();
  } catch (error) {
    // The pull of this target will say so.
    if (!isPartial(error) || statusOf(error) === 401) throw error;
    return 0;
  }
}

function guessNotice({ id, mapping }: Target): Notice {
  const message = `How ${id} is to be read was ${mappingWords(mapping)}. Set other fields where this is wrong.`;
  return { code: 'mapping-guessed', severity: 'info', count: 1, message, detail: { item: id } };
}

function choiceNotices(
  { found }: Listing,
  select: readonly string[] | undefined,
): readonly Notice[] {
  const ids = new Set(found.map(({ item }) => item.id));
  const lost = (select ?? []).filter((id) => !ids.has(id));
  const notices: Notice[] = [];
  if (lost.length > 0) {
    const message = `There is nothing called ${lost.join(', ')}; see what is there with a dry run.`;
    notices.push({ code: 'not-found', severity: 'warning', count: lost.length, message });
  }
  const left = select ? [] : found.filter(({ item }) => !item.selected && item.count !== 0);
  if (left.length > 0) {
    const some = left.slice(0, 5).map(({ item }) => `${item.id} (${item.mapping ?? ''})`);
    const more = left.length > 5 ? ` and ${left.length - 5} more` : '';
    const message = `${left.length} indices are not brought unless they are selected: ${some.join('; ')}${more}.`;
    notices.push({ code: 'indices-not-selected', severity: 'info', count: left.length, message });
  }
  if (found.length === 0) {
    const message =
      "No index matches. Give another index pattern, or look at the sign-in's rights.";
    notices.push({ code: 'nothing-found', severity: 'warning', count: 0, message });
  }
  return notices;
}

function countsWords(signal: Signal): string {
  if (signal === 'logs') return ' and, by service and level, as the metric log.record.count';
  return signal === 'spans' ? ' and, by service and status, as the metric trace.span.count' : '';
}

function budgetNotice(
  signal: Signal,
  total: number,
  budget: number,
  { sampling: { share, wholeTraces }, errors, inTraces }: Thinned,
): Notice {
  const whole = wholeTraces
    ? `The ${inTraces ?? 0} spans of traces with an error come whole`
    : signal === 'alerts'
      ? 'Severe ones come whole'
      : `The ${errors} errors come whole`;
  const percent = share >= 0.1 ? Math.round(share * 100) : Number((share * 100).toPrecision(2));
  const rest = signal === 'spans' ? 'of the other traces' : 'of the others';
  const message =
    `${total} ${signal === 'alerts' ? 'documents of alerts' : signal} are over the budget of ${budget} rows. ${whole}, and ${percent} % ${rest}; ` +
    `the full counts are kept as coverage${countsWords(signal)}.`;
  const detail = { total, budget, share, errors };
  return { code: 'rows-sampled', severity: 'warning', count: total, message, detail };
}
