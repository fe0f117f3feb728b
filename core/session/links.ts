import type { TimeWindow } from '../base';
import { linkSourceOf, type ConnectorFactory, type LinkPlace, type PageLink } from '../connect';
import { shiftsInForce, type Attributes } from '../model';
import { alertPlace, changePlace, linePlace, seriesPlaces, tracePlaces } from '../model/queries';
import type { CaseStore, SourceInfo } from '../store';
import { ownPages } from './own-links';

/** A row of the open case, as panels know it. */
export type CaseRow =
  /** With the one of its spans that is meant. */
  | { readonly kind: 'trace'; readonly traceId: string; readonly spanId?: string }
  /** `window`: what of it to show. */
  | { readonly kind: 'series'; readonly seriesId: bigint; readonly window: TimeWindow }
  | {
      readonly kind: 'line' | 'alert' | 'change';
      readonly sourceId: number;
      readonly rowNo: bigint;
    };

/** A page of a backend that shows a row, or one that the row itself names. */
export interface RowLink extends PageLink {
  /** Name of the source. */
  readonly source: string;
  /** What the page is, where the row names it: "pull request"; `product` may be '' then. */
  readonly page?: string;
}

interface Found {
  readonly sourceId: number;
  /** Times as the case shows them. */
  readonly place: LinkPlace;
}

/** Shown around a moment. */
const AROUND = 60_000_000_000n;
const AROUND_ALERT = 900_000_000_000n;

/**
 * Pages of the backends that a row came from: one of each source that holds it and has pages; then those that an alert
 * or a change names by itself. Clock shifts that
 * are applied are taken off again: the backend's page goes by its own clock.
 */
export async function linksTo(
  store: CaseStore,
  connectors: readonly ConnectorFactory[],
  row: CaseRow,
): Promise<readonly RowLink[]> {
  const { sources, clocks } = await store.facts();
  const shifts = new Map(shiftsInForce(clocks).map(({ sourceId, shift }) => [sourceId, shift]));
  const links = new Map<string, RowLink>();
  for (const { sourceId, place } of await placesOf(store, row)) {
    const source = sources.find((one) => one.sourceId === sourceId);
    const link = source && linkOf(source, connectors, shifted(place, shifts.get(sourceId) ?? 0n));
    if (source && link && !links.has(link.url))
      links.set(link.url, { ...link, source: source.name });
  }
  for (const page of await ownPagesOf(store, row)) {
    const source =
      'sourceId' in row ? sources.find((one) => one.sourceId === row.sourceId) : undefined;
    if (!links.has(page.url)) links.set(page.url, { ...page, source: source?.name ?? '' });
  }
  return [...links.values()];
}

async function ownPagesOf(store: CaseStore, row: CaseRow): Promise<ReturnType<typeof ownPages>> {
  if (row.kind !== 'alert' && row.kind !== 'change') return [];
  const at = { source: row.sourceId, row: row.rowNo };
  if (row.kind === 'change') {
    return ownPages((await store.run(changePlace(at))).col.attributes[0] ?? {});
  }
  const { col } = await store.run(alertPlace(at));
  return ownPages({ ...col.labels[0], ...col.annotations[0] });
}

function linkOf(
  { connector, endpoint, query }: SourceInfo,
  connectors: readonly ConnectorFactory[],
  place: LinkPlace,
): PageLink | undefined {
  const factory = connectors.find(({ id }) => id === connector);
  const source = factory?.linkTo && linkSourceOf(endpoint, configOf(query));
  return source && factory?.linkTo?.(source, place);
}

/** Of a case that may be a stranger's. */
function configOf(query: string): Readonly<Record<string, string>> {
  try {
    const { config } = JSON.parse(query) as { readonly config?: unknown };
    const fields = Object.entries(typeof config === 'object' && config !== null ? config : {});
    return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}

function shifted<P extends LinkPlace>(place: P, shift: bigint): P {
  const { from, to } = place.window;
  return { ...place, window: { from: from - shift, to: to - shift } };
}

function placesOf(store: CaseStore, row: CaseRow): Promise<readonly Found[]> {
  switch (row.kind) {
    case 'trace':
      return ofTrace(store, row.traceId, row.spanId);
    case 'series':
      return ofSeries(store, row.seriesId, row.window);
    case 'line':
      return ofLine(store, row.sourceId, row.rowNo);
    case 'alert':
      return ofAlert(store, row.sourceId, row.rowNo);
    // No backend that is pulled from has pages of changes.
    case 'change':
      return Promise.resolve([]);
  }
}

async function ofTrace(
  store: CaseStore,
  traceId: string,
  spanId?: string,
): Promise<readonly Found[]> {
  const { rows, col } = await store.run(tracePlaces({ trace: traceId, span: spanId ?? '' }));
  return Array.from({ length: rows }, (_, i) => {
    const window = around(col.begins[i] ?? 0n, col.ends[i] ?? 0n, AROUND);
    return { sourceId: col.source_id[i] ?? 0, place: { kind: 'trace', traceId, spanId, window } };
  });
}

async function ofSeries(
  store: CaseStore,
  series: bigint,
  window: TimeWindow,
): Promise<readonly Found[]> {
  const { rows, col } = await store.run(seriesPlaces({ series }));
  return Array.from({ length: rows }, (_, i) => {
    const labels: Attributes = { ...col.resource[i], ...col.labels[i] };
    const metric = col.metric[i] ?? '';
    const place = {
      kind: 'series',
      metric,
      metricKind: col.kind[i] ?? '',
      labels,
      window,
    } as const;
    return { sourceId: col.source_id[i] ?? 0, place };
  });
}

async function ofLine(store: CaseStore, source: number, row: bigint): Promise<readonly Found[]> {
  const { rows, col } = await store.run(linePlace({ source, row }));
  const [ts = 0n] = col.ts;
  const window = around(ts, ts, AROUND);
  const place = { kind: 'line', resource: col.resource[0] ?? {}, window } as const;
  return rows === 0 ? [] : [{ sourceId: source, place }];
}

async function ofAlert(store: CaseStore, source: number, row: bigint): Promise<readonly Found[]> {
  const { rows, col } = await store.run(alertPlace({ source, row }));
  const window = around(col.starts_at[0] ?? 0n, col.ends_at[0] ?? 0n, AROUND_ALERT);
  const place = { kind: 'alert', labels: col.labels[0] ?? {}, window } as const;
  return rows === 0 ? [] : [{ sourceId: source, place }];
}

const around = (from: bigint, to: bigint, margin: bigint): TimeWindow => ({
  from: from - margin,
  to: to + margin,
});
