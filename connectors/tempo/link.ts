import {
  asText,
  linkToExplore,
  readGrafanaExplore,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

/** Types of Grafana's data sources that are asked as Tempo is. */
export const GRAFANA_TYPES = ['tempo'];

/** A search for traces, or one trace, in Grafana's Explore. */
export function readLink(url: URL): PullLink | undefined {
  return readGrafanaExplore(url, {
    connector: 'tempo',
    types: GRAFANA_TYPES,
    configOf: (queries) => {
      const asked = queries.map((one) => asText(one['query']).trim());
      const query = asked.find((text) => text.startsWith('{'));
      const config: Record<string, string> = query === undefined ? {} : { query };
      return config;
    },
  });
}

/** A trace in Grafana's Explore; Tempo has no pages of its own. */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'trace') return undefined;
  const query = { queryType: 'traceql', query: place.traceId };
  return linkToExplore(source, 'tempo', query, place.window);
}
