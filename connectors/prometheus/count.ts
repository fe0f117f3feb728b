import { FaultlineError } from '../../core/base';
import type { PrometheusApi } from './api';
import type { Family, SizedFamily } from './plan';
import { limitOf } from './limits';
import { matcher, namedOneOf, quoted, render, type Selector } from './selector';
import { notOfJobs, type Metric, type Survey } from './survey';
import { halved, rangeOf, type MsWindow } from './windows';

/** Metrics that one counting query asks for. */
const PER_QUERY = 60;
/** Times a piece of time is halved before the backend's limit is taken for final. */
const HALVINGS = 6;
/** Between samples, where they can't be counted. */
const GUESSED_INTERVAL_MS = 15_000;

/**
 * The chosen metrics as families: a histogram's buckets with its sum and count, everything else alone.
 * Buckets without a `_count` among all metrics are no histogram's: recorded rates carry such names.
 */
export function familiesOf(
  metrics: readonly Metric[],
  all: ReadonlySet<string>,
  chosen: boolean,
): readonly Family[] {
  const names = new Set(metrics.map(({ name }) => name));
  const families: Family[] = [];
  const taken = new Set<string>();
  for (const { name, histograms, internal } of metrics) {
    if (!name.endsWith('_bucket') || !histograms.some((n) => n > 0)) continue;
    const base = name.slice(0, -'_bucket'.length);
    if (!all.has(`${base}_count`)) continue;
    const parts = [name, `${base}_sum`, `${base}_count`].filter((part) => names.has(part));
    for (const part of parts) taken.add(part);
    families.push({ names: parts, histogram: true, withoutSelf: !chosen && internal === 'some' });
  }
  for (const { name, internal } of metrics) {
    if (taken.has(name)) continue;
    families.push({ names: [name], histogram: false, withoutSelf: !chosen && internal === 'some' });
  }
  return families;
}

/** How many rows and raw samples each family has in each window, counted by the backend. */
export async function sizeFamilies(
  api: PrometheusApi,
  families: readonly Family[],
  { metrics, selfJobs, leftOpen }: Survey,
  selectors: readonly Selector[],
  windows: readonly MsWindow[],
): Promise<readonly SizedFamily[]> {
  const terms = families.flatMap((family) =>
    family.names.map((name, i) => ({ name, bucket: family.histogram && i === 0, family })),
  );
  const counts: ReadonlyMap<string, number | undefined>[] = [];
  const total = (term: Term, window: MsWindow, more: readonly string[] = []): string => {
    const { range } = rangeOf(window, leftOpen);
    const own = [...matchersOf(term, selfJobs), ...more];
    const each = selectors.map((s) => `count_over_time(${render(s, ...own)}${range})`);
    return each.map((one) => `(sum(${one}) or vector(0))`).join(' + ');
  };
  for (const window of windows) counts.push(await countTerms(api, terms, total, window));
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  return families.map((family) => sized(family, byName, counts, windows));
}

interface Term {
  readonly name: string;
  readonly bucket: boolean;
  readonly family: Family;
}

function matchersOf(
  { name, bucket, family }: Term,
  selfJobs: readonly string[],
): readonly string[] {
  return [
    namedOneOf([name]),
    bucket ? matcher('le', '=', '+Inf') : '',
    family.withoutSelf ? notOfJobs(selfJobs) : '',
  ];
}

type Total = (term: Term, window: MsWindow, more?: readonly string[]) => string;

async function countTerms(
  api: PrometheusApi,
  terms: readonly Term[],
  total: Total,
  window: MsWindow,
): Promise<ReadonlyMap<string, number | undefined>> {
  const counts = new Map<string, number | undefined>();
  const ask = async (some: readonly Term[], piece: MsWindow, halvings: number): Promise<void> => {
    const named = (term: Term): string =>
      `label_replace(${total(term, piece)}, "metric", ${quoted(term.name)}, "", "")`;
    try {
      const query = some.map(named).join(' or ');
      for (const { metric, value } of await api.vector(query, piece.to - 1)) {
        const name = metric['metric'] ?? '';
        counts.set(name, (counts.get(name) ?? 0) + Number(value?.[1] ?? 0));
      }
    } catch (error) {
      if (!(error instanceof FaultlineError) || error.code !== 'connector/refused') throw error;
      const limit = limitOf(error);
      // One that the backend refuses must not hide the others.
      if (some.length > 1 && limit !== 'length') {
        if (limit) api.wasSplit(limit);
        const half = Math.ceil(some.length / 2);
        await ask(some.slice(0, half), piece, halvings);
        return ask(some.slice(half), piece, halvings);
      }
      const halves = limit && limit !== 'series' && halvings < HALVINGS ? halved(piece) : [];
      if (halves.length > 0) api.wasSplit(limit ?? 'other');
      // A count that lacks a piece is none.
      else for (const { name } of some) failed.add(name);
      for (const half of halves) await ask(some, half, halvings + 1);
    }
  };
  const failed = new Set<string>();
  for (let i = 0; i < terms.length; i += PER_QUERY) {
    await ask(terms.slice(i, i + PER_QUERY), window, 0);
  }
  for (const name of failed) counts.set(name, undefined);
  return counts;
}

function sized(
  family: Family,
  metrics: ReadonlyMap<string, Metric>,
  counts: readonly ReadonlyMap<string, number | undefined>[],
  windows: readonly MsWindow[],
): SizedFamily {
  const of = (figure: (w: number, window: MsWindow) => number): readonly number[] =>
    windows.map((window, w) => figure(w, window));
  const total = (part: (name: string, bucket: boolean) => number): number =>
    family.names.reduce((n, name, i) => n + part(name, family.histogram && i === 0), 0);
  const seriesOf = (name: string, w: number, rows: boolean): number => {
    const metric = metrics.get(name);
    return (rows ? metric?.histograms[w] : metric?.series[w]) ?? 0;
  };
  const rowsOf = (name: string, bucket: boolean, w: number, { from, to }: MsWindow): number =>
    counts[w]?.get(name) ??
    seriesOf(name, w, bucket) * Math.ceil((to - from) / GUESSED_INTERVAL_MS);
  const spread = (name: string, bucket: boolean, w: number): number =>
    bucket ? Math.max(1, seriesOf(name, w, false) / Math.max(1, seriesOf(name, w, true))) : 1;
  return {
    ...family,
    rows: of((w, window) => total((name, bucket) => rowsOf(name, bucket, w, window))),
    load: of((w, window) =>
      Math.ceil(total((name, bucket) => rowsOf(name, bucket, w, window) * spread(name, bucket, w))),
    ),
    rowSeries: of((w) => total((name, bucket) => seriesOf(name, w, bucket))),
    loadSeries: of((w) => total((name) => seriesOf(name, w, false))),
    counted: family.names.every((name) => counts.every((known) => known.get(name) !== undefined)),
  };
}
