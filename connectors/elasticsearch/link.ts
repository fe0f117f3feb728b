import { readGrafanaExplore, type PullLink } from '../../core/connect';

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
  const time = /time:\(from:('[^']*'|[^,()]+),to:('[^']*'|[^,()]+)\)/.exec(state);
  if (!time) return undefined;
  const [from, to] = [instantOf(time[1] ?? ''), instantOf(time[2] ?? '')];
  const index = /(?:[(,]index|title|indexPattern):('[^']*'|[^,()]+)/.exec(state)?.[1] ?? '';
  const pattern = unquoted(index);
  // Saved patterns are named by an id that only Kibana knows.
  const named = pattern !== '' && !/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(pattern);
  const lacks = `Kibana’s address is not that of the search cluster: give ${
    named ? 'its address' : 'its address and the index pattern'
  }.`;
  return {
    connector: 'elasticsearch',
    url: '',
    title: 'a page of Kibana',
    config: named ? { index: pattern } : {},
    ...(from !== undefined && to !== undefined ? { from, to } : {}),
    lacks,
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
