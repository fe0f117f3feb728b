import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import {
  plainHeaders,
  proxyTrouble,
  readBody,
  type HttpClient,
  type HttpClientOptions,
} from './http-client';
import { proxyAuthorization, proxyFor } from './proxy';
import { upstreamOver } from './upstream';
import { withBuckets } from './bucket-upstream';

/** Plain Node's client: keeps connections, speaks to what the machine trusts or to the given authority. */
function undiciClient({ tls, proxy: choice, timeoutMs }: HttpClientOptions): HttpClient {
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const connect = { ...tls, timeout: 10_000 };
  const dispatchers = new Map<string, Dispatcher>();
  const make = (proxy: URL | undefined): Dispatcher => {
    if (!proxy) return new Agent({ ...timeouts, connect });
    const token = proxyAuthorization(proxy);
    const proxyTls = { ca: tls.ca, timeout: 10_000 };
    // Plain HTTP is not tunnelled: most proxies let CONNECT through to port 443 alone.
    const how = { requestTls: connect, proxyTls, proxyTunnel: false };
    return new ProxyAgent({ ...timeouts, ...how, uri: `${proxy.protocol}//${proxy.host}`, token });
  };
  return async ({ url, method, headers, body }, signal) => {
    const proxy = proxyFor(new URL(url), choice, process.env);
    const key = proxy?.href ?? '';
    const dispatcher = dispatchers.get(key) ?? make(proxy);
    dispatchers.set(key, dispatcher);
    const all = { 'accept-encoding': 'gzip', ...headers };
    const response = await request(url, { method, headers: all, body, dispatcher, signal }).catch(
      (error: unknown) => {
        throw proxy ? proxyTrouble(error) : error;
      },
    );
    const answered = plainHeaders(response.headers);
    return {
      status: response.statusCode,
      headers: answered,
      body: await readBody(response.body, answered['content-encoding']),
    };
  };
}

export const createUpstream = withBuckets(upstreamOver(undiciClient));
