import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Proxy } from './upstreams';

export interface GrafanaSource {
  readonly id: number;
  readonly uid: string;
  readonly type: string;
  readonly name: string;
  readonly url: string;
  /** "user:password" that Grafana shows the backend. */
  readonly basicAuth?: string;
}

/** What of Prometheus its plugin.json lets POST through to. */
const PROMETHEUS_POSTS = /^api\/v1\/(query|series|labels|query_exemplars)/;

/**
 * A reverse proxy by the rules of Grafana's data source proxy (pkg/api/pluginproxy/ds_proxy.go), where no Grafana can
 * be had: bearer token, lists of data sources by permission, methods and paths by type, its own words for trouble.
 */
export async function startGrafana(
  sources: readonly GrafanaSource[],
  tokens: { readonly admin: string; readonly viewer: string },
): Promise<Proxy & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://grafana');
    asked.push(`${req.method} ${url.pathname}`);
    const token = (req.headers.authorization ?? '').replace('Bearer ', '');
    const say = (status: number, message: string): void => {
      req.resume();
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ message, messageId: '', statusCode: status, traceID: '' }));
    };
    if (token !== tokens.admin && token !== tokens.viewer) return say(401, 'Invalid API key');
    const json = (value: unknown): void => void res.end(JSON.stringify(value));
    if (url.pathname === '/api/datasources') {
      const listed = sources.map(({ id, uid, type, name, url: at }) => ({
        id,
        uid,
        type,
        name,
        url: at,
      }));
      if (token === tokens.admin) return json(listed);
      return say(403, "You'll need additional permissions to perform this action.");
    }
    if (url.pathname === '/api/frontend/settings') {
      const named = sources.map(({ id, uid, type, name }) => [name, { id, uid, type, name }]);
      return json({ datasources: Object.fromEntries(named) as unknown, buildInfo: {} });
    }
    const [, which, path = ''] =
      /^\/api\/datasources\/proxy\/(uid\/[\w-]+|\d+)\/(.*)$/.exec(url.pathname) ?? [];
    const source = sources.find(({ uid, id }) => which === `uid/${uid}` || which === String(id));
    if (!source) return say(404, 'Unable to find datasource');
    const refused = ruleAgainst(source.type, req.method ?? '', path);
    if (refused !== undefined) return say(403, refused);
    pass(source, `/${path}${url.search}`, req, res);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function ruleAgainst(type: string, method: string, path: string): string | undefined {
  const word = { DELETE: 'deletes', PUT: 'puts', POST: 'posts' }[method];
  if (word === undefined) return undefined;
  if (type === 'elasticsearch') {
    if (method === 'POST' && path === '_msearch') return undefined;
    const but = method === 'POST' ? ' except on /_msearch' : '';
    return `${word} not allowed on proxied Elasticsearch datasource${but}`;
  }
  if (type === 'prometheus' && !(method === 'POST' && PROMETHEUS_POSTS.test(path))) {
    return `non allow-listed ${method}s not allowed on proxied Prometheus datasource`;
  }
  return undefined;
}

function pass(
  source: GrafanaSource,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const { authorization: _, ...headers } = req.headers;
  const signIn = source.basicAuth && `Basic ${Buffer.from(source.basicAuth).toString('base64')}`;
  const target = new URL(source.url);
  const options = {
    host: target.hostname,
    port: target.port,
    method: req.method,
    path,
    headers: { ...headers, host: target.host, ...(signIn ? { authorization: signIn } : {}) },
  };
  const onward = httpRequest(options, (back) => {
    if (back.statusCode === 401) {
      back.resume();
      res.writeHead(400).end('Authentication to data source failed');
      return;
    }
    res.writeHead(back.statusCode ?? 502, back.headers);
    back.pipe(res);
  });
  onward.on('error', () => res.writeHead(502).end());
  req.pipe(onward);
}
