import { FaultlineError } from '../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../core/connect';
import { grafanaPath } from '../../core/host';

/** What Grafana says of itself, which no backend behind it has. */
const OWN_PATHS = new Set(['/api/datasources', '/api/frontend/settings']);

/**
 * A backend through the data source proxy of Grafana: `inner` is Grafana itself, `dataSource` a uid or a number, and
 * `connector` the kind of backend. Grafana's own refusals become errors that say so, apart from the backend's.
 * Source of the rules: validateRequest and HandleRequest of Grafana's pkg/api/pluginproxy/ds_proxy.go.
 */
export function throughGrafana(
  inner: Upstream,
  dataSource: string,
  connector: string | undefined,
): Upstream {
  return {
    send: async (request, signal) => {
      const own = request.method === 'GET' && OWN_PATHS.has(request.path);
      if (!own && dataSource === '') {
        throw new FaultlineError('connector/config', 'Choose the data source of Grafana’s to ask.');
      }
      const allowed = own ? request : asAllowed(request, connector);
      const path = own ? request.path : `${grafanaPath(dataSource)}${request.path}`;
      return understood(await inner.send({ ...allowed, path }, signal), dataSource);
    },
  };
}

/**
 * For Elasticsearch Grafana lets POST through to /_msearch alone. Elasticsearch and OpenSearch take the body of a
 * search with GET as well, which Grafana does not restrict. What changes something has no such way.
 */
function asAllowed(request: UpstreamRequest, connector: string | undefined): UpstreamRequest {
  const { method, path } = request;
  if (method === 'GET') return request;
  if (connector !== 'elasticsearch') {
    if (method === 'POST') return request;
    throw notAllowed(request);
  }
  if (method !== 'POST') throw notAllowed(request);
  if (path === '/_msearch') return request;
  if (/\/(_search|_count|_field_caps)$|^\/_search\/scroll$/.test(path)) {
    return { ...request, method: 'GET' };
  }
  throw notAllowed(request);
}

function notAllowed({ method, path }: UpstreamRequest): FaultlineError {
  const why = `Grafana does not let ${method} ${path} through to this kind of data source.`;
  return new FaultlineError('connector/refused', why, { detail: { status: 405, path } });
}

function understood(response: UpstreamResponse, dataSource: string): UpstreamResponse {
  const { status } = response;
  if (status < 300) return response;
  const said = messageOf(response);
  const auth = (why: string): FaultlineError =>
    new FaultlineError('connector/auth', why, { detail: { status, step: 'authorization' } });
  if (status < 400) {
    return raise(
      auth('Grafana sends to another page, mostly its sign-in: give a token of Grafana’s.'),
    );
  }
  if (status === 400 && textOf(response).startsWith('Authentication to data source failed')) {
    const why =
      'Grafana itself may not sign in to the backend: who keeps Grafana has to mend that.';
    return raise(auth(`${why} Its data source is "${dataSource}".`));
  }
  if (status === 502 || status === 504) {
    // The connector's kit tries these again; what it ends with should say whose trouble it is.
    const why = `Grafana got no answer from the backend of "${dataSource}". ${said ?? ''}`;
    return { ...response, body: new TextEncoder().encode(why.trim()) };
  }
  // What a backend says itself goes to the connector as it is.
  if (said === undefined) return response;
  if (status === 401) {
    return raise(
      auth('Grafana does not know this token (401). It may have expired: make another.'),
    );
  }
  if (status === 403) {
    const rule = /not allowed|not a valid target|whitelist|allow-listed/i.test(said);
    return raise(
      rule
        ? new FaultlineError('connector/refused', `Grafana’s own rule (403): ${said}.`, {
            detail: { status: 405 },
          })
        : auth('Grafana does not let this token do that (403): it takes datasources:query.'),
    );
  }
  if (status === 404) {
    const why = `Grafana has no data source "${dataSource}" that this token may see (404).`;
    return raise(new FaultlineError('connector/refused', why, { detail: { status } }));
  }
  return response;
}

function raise(error: FaultlineError): never {
  throw error;
}

/** Grafana's own errors are `{"message": …}`; backends put theirs under `error`. */
function messageOf(response: UpstreamResponse): string | undefined {
  try {
    const value: unknown = JSON.parse(textOf(response));
    if (typeof value !== 'object' || value === null || 'error' in value || 'code' in value)
      return undefined;
    const { message } = value as { readonly message?: unknown };
    return typeof message === 'string' ? message.slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

function textOf({ body }: UpstreamResponse): string {
  return new TextDecoder().decode(body.subarray(0, 4000));
}
