import {
  addressAbove,
  linkToExplore,
  readGrafanaExplore,
  traceOfAddress,
  tracesOfQueries,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

/** Types of Grafana's data sources that are asked as Jaeger is. */
export const GRAFANA_TYPES = ['jaeger'];

/** A search or a trace of Jaeger's pages (`/search?service=…&start=µs&end=µs`, `/trace/ID`). */
export function readLink(url: URL): PullLink | undefined {
  const search = addressAbove(url, /\/search\/?$/);
  const query = url.searchParams;
  const [start, end] = [query.get('start'), query.get('end')];
  const service = query.get('service');
  if (search !== undefined && (service !== null || start !== null)) {
    const within = /^\d{16}$/.test(start ?? '') && /^\d{16}$/.test(end ?? '');
    return {
      connector: 'jaeger',
      url: search,
      title: service === null ? 'a search of Jaeger' : `a search of Jaeger for ${service}`,
      config: {},
      ...(within && start !== null && end !== null
        ? { from: start, to: end }
        : lookback(query.get('lookback'))),
    };
  }
  const trace = traceOfAddress(url, /(?<!\/api\/v2)\/(trace|api\/v3\/traces)/);
  if (trace) return { connector: 'jaeger', title: 'a trace of Jaeger', ...trace };
  const reading = { connector: 'jaeger', types: GRAFANA_TYPES, configOf: tracesOfQueries };
  return readGrafanaExplore(url, reading);
}

function lookback(text: string | null): Pick<PullLink, 'from' | 'to' | 'lacks'> {
  return text !== null && /^\d+[smhdw]$/.test(text)
    ? { from: `now-${text}`, to: 'now' }
    : { lacks: 'It names no stretch of time.' };
}

/** The page of a trace; a span is what is searched for on it. */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'trace') return undefined;
  const { traceId, spanId, window } = place;
  if (source.grafana !== undefined) {
    return linkToExplore(source, 'jaeger', { query: traceId }, window, spanId);
  }
  const find = spanId === undefined ? '' : `?uiFind=${spanId}`;
  return { product: 'Jaeger', url: `${source.url}/trace/${traceId}${find}` };
}
