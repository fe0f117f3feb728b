import {
  asText,
  linkToExplore,
  readGrafanaExplore,
  traceOfAddress,
  tracesOfQueries,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

/** Types of Grafana's data sources that are asked as Tempo is. */
export const GRAFANA_TYPES = ['tempo'];

/** A search for traces, or one trace, in Grafana's Explore; a trace of Tempo's API. */
export function readLink(url: URL): PullLink | undefined {
  const trace = traceOfAddress(url, /\/api\/(v2\/)?traces/);
  if (trace) return { connector: 'tempo', title: 'a trace of Tempo', ...trace };
  return readGrafanaExplore(url, {
    connector: 'tempo',
    types: GRAFANA_TYPES,
    configOf: (queries) => {
      const asked = queries.map((one) => asText(one['query']).trim());
      const query = asked.find((text) => text.startsWith('{'));
      return { ...tracesOfQueries(queries), ...(query !== undefined && { query }) };
    },
  });
}

/** A trace in Grafana's Explore; Tempo has no pages of its own. */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'trace') return undefined;
  const query = { queryType: 'traceql', query: place.traceId };
  return linkToExplore(source, 'tempo', query, place.window, place.spanId);
}
