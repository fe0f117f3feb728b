import { z } from 'zod';
import { FaultlineError, type TimeWindow } from '../../core/base';
import type { PullRequest } from '../../core/connect';
import type { Notice } from '../../core/model';
import { aggregate } from './aggregate';
import { FOREVER } from './alerts';
import type { Client } from './api';
import type { Cursor, Target } from './cursor';
import { list, type ListOptions } from './discover';
import { identify } from './identify';
import type { Plan } from './plan';
import { inWindow } from './queries';
import type { TimeField } from './time-field';

/** All of time. */
export const ALWAYS: TimeWindow = { from: 0n, to: FOREVER };

const answered = z.object({
  from: z.object({ value: z.number().nullable() }),
  to: z.object({ value: z.number().nullable() }),
  ids: z.object({ buckets: z.array(z.object({ key: z.string() })) }),
});

/** Whole traces by their ids, spans and lines, whenever they were: where they are is asked first. */
export async function planNamed(
  client: Client,
  request: PullRequest,
  options: Omit<ListOptions, 'windows' | 'only'> & { readonly traces: readonly string[] },
): Promise<Plan> {
  const { product } = await identify(client);
  const only = request.select && new Set(request.select);
  const listing = await list(client, { ...options, windows: [ALWAYS], only });
  const chosen = listing.found.filter(({ item }) => only?.has(item.id) ?? item.selected);
  const targets = chosen.flatMap(({ item, target }) =>
    target && item.count !== 0 ? [target] : [],
  );
  const found = new Set<string>();
  const places: TimeWindow[] = [];
  for (const target of targets) {
    const place = await placeOf(client, target);
    for (const id of place.ids) found.add(id.toLowerCase().padStart(32, '0'));
    if (place.window) places.push(place.window);
  }
  const missing = options.traces.filter((id) => !found.has(id));
  if (places.length === 0) throw nothing(options.traces);
  const window = {
    from: places.reduce((first, { from }) => (from < first ? from : first), FOREVER),
    to: places.reduce((last, { to }) => (to > last ? to : last), 0n),
  };
  const total = chosen.reduce((sum, { item }) => sum + (item.count ?? 0), 0);
  const [from, to] = [String(window.from), String(window.to)];
  const cursor: Cursor = {
    v: 1,
    product,
    targets: [...targets],
    windows: [{ from, to }],
    sampling: {},
    total,
    done: 0,
    at: { target: 0, window: 0, from },
    open: { from, kept: 0, total: 0 },
    tally: [],
  };
  return { cursor, notices: [...listing.notices, ...missingNotice(missing)] };
}

/** Where in time the named traces lie in an index, and which of them do. */
async function placeOf(
  client: Client,
  target: Target,
): Promise<{ readonly ids: readonly string[]; readonly window?: TimeWindow }> {
  const { time, trace = '', named = [] } = target.mapping;
  const aggs = {
    from: { min: { field: time.name } },
    to: { max: { field: time.name } },
    ids: { terms: { field: trace, size: named.length } },
  };
  const query = inWindow(target.mapping, ALWAYS);
  const body = { size: 0, query, aggs: { t: { filter: query, aggs } } };
  const { from, to, ids } = answered.parse((await aggregate(client, target, body)).answer);
  const keys = ids.buckets.map(({ key }) => key);
  if (from.value === null || to.value === null) return { ids: keys };
  return { ids: keys, window: windowOf(time, from.value, to.value) };
}

/** Wide enough for what a JSON number has lost of nanoseconds. */
function windowOf(time: TimeField, from: number, to: number): TimeWindow {
  const unit = time.kind === 'number' ? BigInt(time.unitNs) : 1_000_000n;
  const slack = unit === 1n ? 1024n : 1n;
  return {
    from: (BigInt(Math.floor(from)) - slack) * unit,
    to: (BigInt(Math.ceil(to)) + slack + 1n) * unit,
  };
}

function missingNotice(missing: readonly string[]): readonly Notice[] {
  const count = missing.length;
  if (count === 0) return [];
  const message = `The search cluster does not have ${count} of the traces that were asked for: ${missing.join(', ')}.`;
  return [{ code: 'traces-not-found', severity: 'warning', count, message }];
}

function nothing(traces: readonly string[]): FaultlineError {
  const [which, it, is] =
    traces.length === 1
      ? [`the trace ${traces[0]}`, 'it', 'it is']
      : [`any of the ${traces.length} traces`, 'them', 'they are'];
  return new FaultlineError(
    'not-found',
    `The search cluster does not have ${which}. Maybe ${is} older than its retention, the index pattern leaves ${it} out, or another backend has ${it}.`,
    { detail: { traces } },
  );
}
