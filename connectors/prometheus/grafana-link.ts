import { asObject, asText, isJsonObject, type JsonObject, type PullLink } from '../../core/connect';
import { selectorsOf } from './promql';

const LACKS = 'Grafana’s address is not that of Prometheus: give its address.';

/**
 * Grafana's Explore (`/explore?panes=…`, of version 10 on; `left=…` before) with queries of a Prometheus data
 * source, or a dashboard (`/d/…`), whose address has the time alone.
 */
export function readGrafanaLink(url: URL): PullLink | undefined {
  const query = url.searchParams;
  if (/\/explore\/?$/.test(url.pathname)) return explored(query);
  if (!/\/d\/[\w-]+/.test(url.pathname)) return undefined;
  const window = windowOf(query.get('from'), query.get('to'));
  if (!window) return undefined;
  return { ...link('a Grafana dashboard', []), ...window };
}

const link = (title: string, match: readonly string[]): PullLink => ({
  connector: 'prometheus',
  url: '',
  title,
  config: match.length === 0 ? {} : { match: match.join('; ') },
  lacks: LACKS,
});

function explored(query: URLSearchParams): PullLink | undefined {
  const panes = jsonOf(query.get('panes')) ?? jsonOf(query.get('left'));
  const all = isJsonObject(panes) && !('range' in panes) ? Object.values(panes) : [panes];
  const [pane] = all.filter(isJsonObject).filter(({ queries }) => Array.isArray(queries));
  if (!pane) return undefined;
  const queries = (pane['queries'] as unknown[]).filter(isJsonObject);
  const expressions = queries
    .filter(isPrometheus)
    .map(({ expr }) => asText(expr))
    .filter(Boolean);
  if (expressions.length === 0) return undefined;
  const range = asObject(pane['range']);
  const match = [...new Set(expressions.flatMap(selectorsOf))];
  return {
    ...link('Grafana’s Explore', match),
    ...windowOf(asText(range['from']), asText(range['to'])),
  };
}

/** Loki's queries have an `expr`, too. */
function isPrometheus({ datasource }: JsonObject): boolean {
  return !isJsonObject(datasource) || datasource['type'] === 'prometheus';
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** "now-1h" or milliseconds; what is rounded ("now/d") is not known. */
function windowOf(
  from: string | null,
  to: string | null,
): { readonly from: string; readonly to: string } | undefined {
  const known = /^(now(-\d+[smhdw])?|\d{13})$/;
  return from !== null && to !== null && known.test(from) && known.test(to)
    ? { from, to }
    : undefined;
}
