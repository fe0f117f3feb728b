import { formatRfc3339 } from '../../core/base';
import { traceIdsIn } from '../../core/model';
import {
  addressAbove,
  linkSourceOf,
  linkToExplore,
  readGrafanaExplore,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

/** A value of Rison; `!` escapes in its strings. */
const VALUE = "('(?:[^'!]|!.)*'|[^,()]+)";
const TIME = new RegExp(`time:\\(from:${VALUE},to:${VALUE}\\)`);
const INDEX = new RegExp(`(?:[(,]index|title|indexPattern):${VALUE}`);

/** Types of Grafana's data sources that are asked as these are. */
export const GRAFANA_TYPES = ['elasticsearch', 'grafana-opensearch-datasource'];

/**
 * A page of Kibana or OpenSearch Dashboards: its state stands behind the `#` in Rison, `_g` with the time and
 * `_a` with the index pattern. Their address is not that of the search cluster, which the person has to say.
 */
export function readLink(url: URL): PullLink | undefined {
  if (!/\/app\/[\w-]+/.test(url.pathname)) {
    const reading = { connector: 'elasticsearch', types: GRAFANA_TYPES, configOf: () => ({}) };
    return readGrafanaExplore(url, reading);
  }
  const state = decoded(url.hash);
  const time = TIME.exec(state);
  if (!time) return traceOfApm(url);
  const [from, to] = [instantOf(time[1] ?? ''), instantOf(time[2] ?? '')];
  const index = INDEX.exec(state)?.[1] ?? '';
  const pattern = unquoted(index);
  // Saved patterns are named by an id that only Kibana knows.
  const named = pattern !== '' && !/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(pattern);
  // Without its sign-in: this one is kept in cases.
  const kibana = linkSourceOf(addressAbove(url, /\/app\/.*$/) ?? '', {})?.url;
  const lacks = `Kibana’s address is not that of the search cluster: give ${
    named ? 'its address' : 'its address and the index pattern'
  }.`;
  return {
    connector: 'elasticsearch',
    url: '',
    title: 'a page of Kibana',
    config: { ...(named && { index: pattern }), ...(kibana && { kibana }) },
    ...(from !== undefined && to !== undefined ? { from, to } : {}),
    lacks,
  };
}

/** A trace in Kibana's APM (`/app/apm/link-to/trace/ID`, `/app/apm/…?traceId=ID`). */
function traceOfApm(url: URL): PullLink | undefined {
  const linked = /\/app\/apm\/link-to\/trace\/([0-9a-f]+)\/?$/i.exec(url.pathname)?.[1];
  const asked = url.searchParams.get('traceId') ?? '';
  const trace = linked ?? (/\/app\/apm\//.test(url.pathname) ? asked : '');
  const [id] = traceIdsIn(trace) ?? [];
  if (id === undefined) return undefined;
  const kibana = linkSourceOf(addressAbove(url, /\/app\/.*$/) ?? '', {})?.url;
  return {
    connector: 'elasticsearch',
    url: '',
    title: 'a trace of Kibana',
    config: { trace: id, ...(kibana && { kibana }) },
    lacks: 'Kibana’s address is not that of the search cluster: give its address.',
  };
}

function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

/** Rison's strings stand in single quotes where they need to; `!` escapes. */
function unquoted(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replace(/!(.)/g, '$1') : text;
}

/** "now-15m" and RFC 3339 as they are; what is rounded ("now/d") is not known. */
function instantOf(text: string): string | undefined {
  const instant = unquoted(text);
  return /^(now(-\d+[smhdw])?|\d{4}-\d\d-\d\dT[\d:.]+Z)$/.test(instant) ? instant : undefined;
}

/**
 * What stands around a line: in Kibana's Discover where its address was given, else in Grafana's Explore where the
 * cluster was asked through it. Kibana finds a data view by its id: where that is another than the index pattern, it
 * says so and takes its default one.
 */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'line') return undefined;
  const { kibana = '', index = '', service = '' } = source.config;
  const who = place.resource['service.name'];
  const query = service && who ? `${service}:${JSON.stringify(who)}` : '';
  const base = linkSourceOf(kibana, {})?.url;
  if (base === undefined) {
    const asked = { query, metrics: [{ type: 'logs', id: '1' }] };
    return linkToExplore(source, 'elasticsearch', asked, place.window);
  }
  const { from, to } = place.window;
  const time = `time:(from:${rison(instant(from))},to:${rison(instant(to + 999_999n))})`;
  const view = index === '' ? '' : `index:${rison(index)},`;
  const state = `_a=(${view}query:(language:kuery,query:${rison(query)}))`;
  return { product: 'Kibana', url: `${base}/app/discover#/?_g=(${time})&${state}` };
}

/** To the millisecond. */
const instant = (ns: bigint): string => formatRfc3339(ns - (ns % 1_000_000n));

/** A string of Rison, as it may stand in an address. */
const rison = (text: string): string => `'${encodeURIComponent(text.replace(/[!']/g, '!$&'))}'`;
