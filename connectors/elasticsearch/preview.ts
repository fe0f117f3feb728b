import { z } from 'zod';
import { throwIfAborted } from '../../core/base';
import {
  PreviewGrid,
  PreviewTally,
  RetryCount,
  levelName,
  type ConnectorEnv,
  type Preview,
  type PreviewBy,
  type PreviewRequest,
} from '../../core/connect';
import type { Notice } from '../../core/model';
import { aggregate } from './aggregate';
import { windowsQuery } from './alerts';
import { Client, isPartial, type Json } from './api';
import type { Target } from './cursor';
import { list, type ListOptions, type Listing } from './discover';
import { scalarText } from './document';
import { errorQuery } from './queries';
import { numberingOf, severityOf } from './severity';
import { isAlerts, signalOf, type Mapping } from './spec';
import { resolutionOf } from './time-field';

/** Items with the most documents that are counted over time; the others are named. */
const MOST_ITEMS = 40;
/** Items that are looked into where none are chosen: a preview comes by itself, and must not be much work. */
const LOOKED_INTO = 60;
/** Terms of one item: levels are written in many ways, and services beyond the largest are counted together. */
const TERMS = { level: 30, service: 50 } as const;

const buckets = z.array(z.object({ key: z.number(), doc_count: z.number() }));
const histogramAnswer = z.object({ buckets });
const within = z.object({ doc_count: z.number(), t: histogramAnswer });
const termsAnswer = z.object({
  doc_count_error_upper_bound: z.number().default(0),
  buckets: z.array(
    z.object({ key: z.union([z.string(), z.number(), z.boolean()]), t: histogramAnswer }),
  ),
});
const answered = z.object({
  t: histogramAnswer,
  /** By value of the field. */
  g: termsAnswer.optional(),
  /** Without the field. */
  m: within.optional(),
  /** Errors, where the field's values can't be counted. */
  e: within.optional(),
});
type Answered = z.output<typeof answered>;
const newestAnswer = z.object({ value: z.number().nullish() });

/**
 * A histogram of what a pull would bring, by one aggregation an item and window: values of the field that says
 * the level or the service, each over time, beside all documents over time.
 */
export async function preview(
  env: ConnectorEnv,
  settings: Omit<ListOptions, 'windows' | 'only'>,
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<Preview> {
  const retries = new RetryCount();
  const client = new Client(env, signal, retries);
  const { by, select, onProgress } = request;
  const grid = new PreviewGrid(request.windows);
  const only = select && new Set(select);
  const most = only ? undefined : LOOKED_INTO;
  const listing = await list(client, { ...settings, windows: grid.windows, only, most });
  const { targets, notices } = chosen(listing, only);
  const tally = new PreviewTally(grid, by);
  const run = new Counting(client, tally, by);
  const total = targets.length * grid.windows.length;
  for (const [at, target] of targets.entries()) {
    for (const window of grid.windows.keys()) {
      onProgress?.(at * grid.windows.length + window, total, target.id);
      await run.count(target, window);
    }
  }
  const newest = tally.total === 0 ? await newestOf(client, listing) : undefined;
  throwIfAborted(signal);
  return tally.preview({
    how: howWords(targets, by),
    newest,
    notices: [...listing.notices, ...notices, ...run.notices()],
    retried: retries.notice(),
  });
}

/** What is counted: of what a pull would take, the items with the most documents. */
function chosen(
  { found }: Listing,
  only: ReadonlySet<string> | undefined,
): { readonly targets: readonly Target[]; readonly notices: readonly Notice[] } {
  const taken = found
    .filter(({ item }) => only?.has(item.id) ?? item.selected)
    .filter(({ item }) => item.count !== 0);
  const alerts = taken.filter(({ target }) => target && isAlerts(target.mapping.profile));
  const rest = taken.filter(({ target }) => target && !isAlerts(target.mapping.profile));
  rest.sort((a, b) => (b.item.count ?? 0) - (a.item.count ?? 0));
  const notices: Notice[] = [];
  if (alerts.length > 0) {
    const names = alerts.map(({ item }) => item.id).join(', ');
    const message = `Alerts (${names}) are not in the preview: they last, and are pulled by when they were on.`;
    notices.push({ code: 'preview-lacks', severity: 'info', count: alerts.length, message });
  }
  const beyond = rest.slice(MOST_ITEMS);
  if (beyond.length > 0) {
    const documents = beyond.reduce((sum, { item }) => sum + (item.count ?? 0), 0);
    const message =
      `${beyond.length} indices with ${documents} documents are not in the preview, which has the ${MOST_ITEMS} ` +
      'with the most. Choose fewer to see them.';
    notices.push({ code: 'preview-lacks', severity: 'warning', count: documents, message });
  }
  return { targets: rest.slice(0, MOST_ITEMS).flatMap(({ target }) => target ?? []), notices };
}

/** How the documents of one item are told apart: by the values of a field, or errors from the rest (spans), or not at all. */
function split({ mapping }: Target, by: PreviewBy): { field?: string; errors?: Json } {
  if (by === 'service') return { field: mapping.serviceIn };
  const { severity, profile } = mapping;
  const levels = severity && severity.type !== 'text' && !profile.endsWith('spans');
  if (levels) return { field: severity.name };
  return { errors: errorQuery({ ...mapping, http: undefined }) };
}

/** What a value of the field is called. */
function nameOf(mapping: Mapping, by: PreviewBy, value: unknown): string {
  if (by === 'service') return scalarText(value);
  const { severity, fields } = mapping;
  return levelName(severityOf(value, numberingOf(fields.severity ?? severity?.name ?? '')));
}

class Counting {
  private readonly said: Notice[] = [];
  /** By item. */
  private readonly undivided = new Set<string>();
  private readonly several = new Map<string, number>();
  private readonly unsure = new Map<string, number>();
  private readonly partial = new Map<string, number>();

  constructor(
    private readonly client: Client,
    private readonly tally: PreviewTally,
    private readonly by: PreviewBy,
  ) {}

  async count(target: Target, window: number): Promise<void> {
    const { mapping, id } = target;
    const { field, errors } = split(target, this.by);
    if (field === undefined && !errors) this.undivided.add(id);
    const t = this.histogram(target);
    const size = TERMS[this.by];
    const aggs = {
      t,
      ...(field && {
        g: { terms: { field, size, shard_size: size * 10 }, aggs: { t } },
        m: { missing: { field }, aggs: { t } },
      }),
      ...(errors && !field && { e: { filter: errors, aggs: { t } } }),
    };
    const range = this.tally.grid.windows[window] ?? { from: 0n, to: 0n };
    const query = windowsQuery(mapping, [range]);
    try {
      const body = { size: 0, track_total_hits: false, query, aggs };
      const { all, failed } = await aggregate(this.client, target, body);
      if (failed > 0) this.partial.set(id, Math.max(failed, this.partial.get(id) ?? 0));
      // Where no index matches there are no aggregations.
      this.add(target, window, answered.parse({ t: { buckets: [] }, ...all }));
    } catch (error) {
      if (!isPartial(error)) throw error;
      this.said.push(uncounted(id, error));
    }
  }

  private histogram({ mapping: { time } }: Target): Json {
    const { step } = this.tally.grid;
    const unit = resolutionOf(time);
    if (time.kind !== 'number') {
      const interval = `${step / 1_000_000n}ms`;
      const about = { field: time.name, fixed_interval: interval, min_doc_count: 1 };
      return { date_histogram: about };
    }
    const interval = step < unit ? 1 : Number(step / unit);
    return { histogram: { field: time.name, interval, min_doc_count: 1 } };
  }

  /** What no group has is none, or lies beyond the groups that were named. */
  private add(target: Target, window: number, { t, g, m, e }: Answered): void {
    const { mapping, id } = target;
    const signal = signalOf(mapping.profile);
    const { grid } = this.tally;
    const scale = Number(resolutionOf(mapping.time)) / Number(grid.step);
    const place = (key: number): number => {
      // A unit that is longer than the step lies in the bucket in which it begins.
      const multiple = scale > 1 ? Math.floor(key * scale + 1e-9) : Math.round(key * scale);
      return grid.bucket(window, multiple);
    };
    const rest = new Map<number, number>();
    const move = (of: z.output<typeof histogramAnswer>, name: string | undefined): void => {
      for (const { key, doc_count: count } of of.buckets) {
        this.tally.add(signal, name, place(key), count);
        rest.set(place(key), (rest.get(place(key)) ?? 0) - count);
      }
    };
    for (const { key, doc_count: count } of t.buckets) {
      rest.set(place(key), (rest.get(place(key)) ?? 0) + count);
    }
    for (const { key, t: of } of g?.buckets ?? []) move(of, nameOf(mapping, this.by, key));
    if (e) move(e.t, 'error');
    if (m) move(m.t, '');
    const left = g ? undefined : e ? 'no error' : '';
    for (const [bucket, count] of rest) {
      if (count > 0) this.tally.add(signal, left, bucket, count);
      if (count < 0) this.several.set(id, (this.several.get(id) ?? 0) - count);
    }
    const error = g?.doc_count_error_upper_bound ?? 0;
    if (error > 0) this.unsure.set(id, Math.max(error, this.unsure.get(id) ?? 0));
  }

  notices(): readonly Notice[] {
    const { by, said, undivided, several, unsure, partial } = this;
    const all = [...said];
    const tell = (
      code: string,
      severity: Notice['severity'],
      of: ReadonlyMap<string, number>,
      message: (id: string, count: number) => string,
    ): void => {
      for (const [id, count] of of) {
        all.push({ code, severity, count, message: message(id, count), detail: { item: id } });
      }
    };
    tell('preview-undivided', 'info', new Map([...undivided].map((id) => [id, 1])), (id) => {
      const setting = by === 'level' ? 'severity' : 'service';
      return `${id} has no field by which documents can be counted by ${by}. Set the ${setting} field where there is one.`;
    });
    tell('preview-several', 'info', several, (id, count) => {
      return `Documents of ${id} have several values of ${by} and stand in each: ${count} more than there are.`;
    });
    tell('preview-approximate', 'info', unsure, (id, count) => {
      return `The counts of ${id} by ${by} may be too small by up to ${count}: shards named different ones.`;
    });
    tell('counts-partial', 'warning', partial, (id, count) => {
      return `${id} has more documents than the preview shows: ${count} shards did not answer.`;
    });
    return all;
  }
}

function uncounted(id: string, error: unknown): Notice {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${id} could not be counted over time and is not in the preview. ${why}`;
  return { code: 'preview-lacks', severity: 'warning', count: 1, message, detail: { item: id } };
}

function howWords(targets: readonly Target[], by: PreviewBy): string {
  const distinct = (names: readonly (string | undefined)[]): string =>
    [...new Set(names.filter((name) => name !== undefined))].slice(0, 4).join(', ');
  const times = distinct(targets.map(({ mapping }) => mapping.time.name));
  const fields = distinct(targets.map((target) => split(target, by).field));
  if (times === '') return 'Counted by the server.';
  return `Counted by the server over ${times}${fields === '' ? '' : `, by ${fields}`}.`;
}

/** The newest record of what is listed, in the windows or not. */
async function newestOf(client: Client, { found }: Listing): Promise<bigint | undefined> {
  let newest: bigint | undefined;
  const targets = found.flatMap(({ target }) => target ?? []).slice(0, MOST_ITEMS);
  for (const target of targets) {
    const { time, profile } = target.mapping;
    if (isAlerts(profile)) continue;
    const body = { size: 0, track_total_hits: false, aggs: { t: { max: { field: time.name } } } };
    try {
      const { answer } = await aggregate(client, target, body);
      const { value } = newestAnswer.parse(answer);
      if (value === null || value === undefined) continue;
      const at = BigInt(Math.trunc(value)) * resolutionOf(time);
      if (newest === undefined || at > newest) newest = at;
    } catch (error) {
      if (!isPartial(error)) throw error;
    }
  }
  return newest;
}
