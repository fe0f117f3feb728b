import { parseDuration } from '../../core/base';
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
import { shortTraceId } from './shared';

/** Types of Grafana's data sources that are asked as Zipkin is. */
export const GRAFANA_TYPES = ['zipkin'];

/** A search or a trace of Zipkin's pages (`/zipkin/?serviceName=…&lookback=15m&endTs=ms`, `/zipkin/traces/ID`). */
export function readLink(url: URL): PullLink | undefined {
  const query = url.searchParams;
  const trace = traceOfAddress(url, /(\/zipkin\/traces|(\/zipkin)?\/api\/v2\/trace)/);
  if (trace) return { connector: 'zipkin', title: 'a trace of Zipkin', ...trace };
  const search = addressAbove(url, /\/zipkin\/?$/);
  const service = query.get('serviceName');
  if (search === undefined || (service === null && !query.has('lookback'))) {
    const reading = { connector: 'zipkin', types: GRAFANA_TYPES, configOf: tracesOfQueries };
    return readGrafanaExplore(url, reading);
  }
  return {
    connector: 'zipkin',
    url: search,
    title: service === null ? 'a search of Zipkin' : `a search of Zipkin for ${service}`,
    config: {},
    ...windowOf(query),
  };
}

/** All of them end at `endTs`; they begin at `startTs`, or so many milliseconds or a duration before. */
function windowOf(query: URLSearchParams): Pick<PullLink, 'from' | 'to' | 'lacks'> {
  const [lookback, end] = [query.get('lookback') ?? '', query.get('endTs') ?? ''];
  const [start, length] = [query.get('startTs') ?? '', query.get('millis') ?? ''];
  const lacks = 'It names no stretch of time.';
  if (!/^\d{13}$/.test(end)) {
    return /^\d+[mhd]$/.test(lookback) ? { from: `now-${lookback}`, to: 'now' } : { lacks };
  }
  if (lookback === 'range' && /^\d{13}$/.test(start)) return { from: start, to: end };
  const back = lookback === 'millis' ? parseDuration(`${length}ms`) : parseDuration(lookback);
  if (back === undefined) return { lacks };
  return { from: String(BigInt(end) - back / 1_000_000n), to: end };
}

/** The page of a trace. Ids of 64 bits stand there without the zeros that make them 128; it knows no page of a span. */
export function linkTo(source: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'trace') return undefined;
  const { spanId, window } = place;
  const query = shortTraceId(place.traceId);
  if (source.grafana !== undefined)
    return linkToExplore(source, 'zipkin', { query }, window, spanId);
  const url = source.url.replace(/\/zipkin$/, '');
  return { product: 'Zipkin', url: `${url}/zipkin/traces/${query}` };
}
