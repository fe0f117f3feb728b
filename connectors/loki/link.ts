import {
  addressAbove,
  asText,
  linkToExplore,
  quotedLabel,
  readGrafanaExplore,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

/** Types of Grafana's data sources that are asked as Loki is. */
export const GRAFANA_TYPES = ['loki'];

/** Lines in Grafana's Explore, or a call of Loki's own API. */
export function readLink(url: URL): PullLink | undefined {
  const api = addressAbove(url, /\/loki\/api\/v1\/query(_range)?\/?$/);
  const asked = url.searchParams.get('query');
  if (api !== undefined && asked?.trim().startsWith('{')) {
    const [from, to] = [url.searchParams.get('start'), url.searchParams.get('end')];
    return {
      connector: 'loki',
      url: api,
      title: 'a query of Loki’s API',
      config: { query: asked.trim() },
      ...(from !== null && to !== null ? { from, to } : { lacks: 'It names no stretch of time.' }),
    };
  }
  return readGrafanaExplore(url, {
    connector: 'loki',
    types: GRAFANA_TYPES,
    configOf: (queries) => {
      const lines = queries.map(({ expr }) => asText(expr).trim());
      const query = lines.find((expr) => expr.startsWith('{'));
      return query === undefined ? undefined : { query };
    },
  });
}

/**
 * What stands around a line in Grafana's Explore, by the query of the pull; without one by the label `service_name`,
 * which Loki 3 gives every stream. Loki has no pages of its own.
 */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'line') return undefined;
  const service = place.resource['service.name'];
  const asked = source.config['query']?.trim();
  const expr = asked || (service && `{service_name=${quotedLabel(service)}}`);
  return expr
    ? linkToExplore(source, 'loki', { expr, queryType: 'range' }, place.window)
    : undefined;
}
