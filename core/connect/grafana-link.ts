import type { TimeWindow } from '../base';
import { traceIdsIn } from '../model';
import { asObject, asText, isJsonObject, type JsonObject } from './import-json';
import { addressAbove } from './links';
import type { LinkSource, PageLink, PullLink } from './seam';

/** What a connector makes of queries of its own kind of data source. */
export interface GrafanaReading {
  readonly connector: string;
  /** Types of Grafana's data sources; a query that names none is taken, too, where `untyped` says so. */
  readonly types: readonly string[];
  readonly untyped?: boolean;
  /** Settings that follow from the queries; undefined where they say nothing to it. */
  readonly configOf: (
    queries: readonly JsonObject[],
  ) => Readonly<Record<string, string>> | undefined;
}

const LACKS = 'It is asked through Grafana: sign in with a token of Grafana’s.';

/**
 * Grafana's Explore (`/explore?panes=…`, of version 10 on; `left=…` before) with queries of one kind of data source,
 * as a link to pull through Grafana; undefined for any other address.
 */
export function readGrafanaExplore(
  url: URL,
  { connector, types, untyped = false, configOf }: GrafanaReading,
): PullLink | undefined {
  const base = addressAbove(url, /\/explore\/?$/);
  if (base === undefined) return undefined;
  const query = url.searchParams;
  const panes = jsonOf(query.get('panes')) ?? jsonOf(query.get('left'));
  const all = isJsonObject(panes) && !('range' in panes) ? Object.values(panes) : [panes];
  const [pane] = all.filter(isJsonObject).filter(({ queries }) => Array.isArray(queries));
  if (!pane) return undefined;
  const queries = (pane['queries'] as unknown[]).filter(isJsonObject).filter(({ datasource }) => {
    const type = isJsonObject(datasource) ? asText(datasource['type']) : '';
    return type === '' ? untyped : types.includes(type);
  });
  const config = queries.length === 0 ? undefined : configOf(queries);
  if (config === undefined) return undefined;
  const named = queries.map(({ datasource }) => asText(asObject(datasource)['uid'])).find(Boolean);
  const range = asObject(pane['range']);
  return {
    connector,
    url: base,
    grafana: uidOf(named ?? asText(pane['datasource'])),
    title: 'Grafana’s Explore',
    config,
    lacks: LACKS,
    ...grafanaWindow(asText(range['from']), asText(range['to'])),
  };
}

/** The setting `trace` of queries for single traces, as Grafana's data sources of traces have them. */
export function tracesOfQueries(queries: readonly JsonObject[]): Readonly<Record<string, string>> {
  const ids = new Set(queries.flatMap(({ query }) => traceIdsIn(asText(query)) ?? []));
  return ids.size === 0 ? {} : { trace: [...ids].join(' ') };
}

/**
 * Grafana's Explore with one query of a data source, from the millisecond of the window's start to that of its end,
 * a span of its trace opened;
 * undefined for a source that was not asked through Grafana, or by a number, which Explore does not know.
 */
export function linkToExplore(
  { url, grafana }: LinkSource,
  type: string,
  query: JsonObject,
  { from, to }: TimeWindow,
  spanId?: string,
): PageLink | undefined {
  if (grafana === undefined || /^\d*$/.test(grafana)) return undefined;
  const queries = [{ refId: 'A', datasource: { type, uid: grafana }, ...query }];
  const range = { from: String(from / 1_000_000n), to: String((to + 999_999n) / 1_000_000n) };
  const shown = spanId === undefined ? {} : { panelsState: { trace: { spanId } } };
  const panes = JSON.stringify({ a: { datasource: grafana, queries, range, ...shown } });
  const address = `${url}/explore?schemaVersion=1&panes=${encodeURIComponent(panes)}`;
  return { product: 'Grafana', url: address };
}

/** A dashboard of Grafana's (`/d/…`), whose address has the time alone: the data source is to be chosen. */
export function readGrafanaDashboard(url: URL, connector: string): PullLink | undefined {
  const base = addressAbove(url, /\/d\/[\w-]+(\/.*)?$/);
  const window = grafanaWindow(url.searchParams.get('from'), url.searchParams.get('to'));
  if (base === undefined || !window) return undefined;
  return {
    connector,
    url: base,
    grafana: '',
    title: 'a Grafana dashboard',
    config: {},
    lacks: `${LACKS} Choose the data source.`,
    ...window,
  };
}

/** Mixed panes and names of before version 9 are no uids. */
function uidOf(text: string): string {
  return /^[\w-]+$/.test(text) && !text.startsWith('--') ? text : '';
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** "now-1h" or milliseconds; what is rounded ("now/d") is not known. */
function grafanaWindow(
  from: string | null,
  to: string | null,
): { readonly from: string; readonly to: string } | undefined {
  const known = /^(now(-\d+[smhdw])?|\d{13})$/;
  return from !== null && to !== null && known.test(from) && known.test(to)
    ? { from, to }
    : undefined;
}
