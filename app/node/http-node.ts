import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import {
  plainHeaders,
  proxyTrouble,
  readBody,
  type HttpClient,
  type HttpClientOptions,
  type TlsFiles,
} from './http-client';
import { hostAndPort, proxyAuthorization, proxyFor } from './proxy';

/** Node's own client, for where a connection has TLS files of its own and undici is out of reach. */
export function nodeClient({ tls, proxy: choice, timeoutMs }: HttpClientOptions): HttpClient {
  const agents = new Map<string, HttpsAgent | HttpAgent>();
  const agentFor = (target: URL, proxy: URL | undefined): HttpsAgent | HttpAgent => {
    const key = `${target.protocol} ${proxy?.href ?? ''}`;
    const agent = agents.get(key) ?? newAgent(target, proxy, tls);
    agents.set(key, agent);
    return agent;
  };
  return async ({ url, method, headers, body }, signal) => {
    const target = new URL(url);
    const proxy = proxyFor(target, choice, process.env);
    const options: RequestOptions = {
      method,
      agent: agentFor(target, proxy),
      headers: { 'accept-encoding': 'gzip', ...lengthOf(body), ...headers },
      timeout: timeoutMs,
      signal,
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = open(target, proxy, options, resolve);
      call.once('error', (error) => reject(proxy ? proxyTrouble(error) : error));
      call.once('timeout', () => call.destroy(timeout()));
      call.end(body);
    });
    response.once('timeout', () => response.destroy(timeout()));
    if (proxy && response.statusCode === 407) {
      response.destroy();
      throw refused(407);
    }
    const answered = plainHeaders(response.headers);
    return {
      status: response.statusCode ?? 0,
      headers: answered,
      body: await readBody(response, answered['content-encoding']),
    };
  };
}

function newAgent(target: URL, proxy: URL | undefined, tls: TlsFiles): HttpsAgent | HttpAgent {
  if (target.protocol === 'https:') {
    return proxy ? new TunnelAgent(proxy, tls) : new HttpsAgent({ keepAlive: true, ...tls });
  }
  return proxy?.protocol === 'https:'
    ? new HttpsAgent({ keepAlive: true, ca: tls.ca })
    : new HttpAgent({ keepAlive: true });
}

/** Plain HTTP goes to a proxy as a request for the whole address; TLS goes through a tunnel. */
function open(
  target: URL,
  proxy: URL | undefined,
  options: RequestOptions,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  if (target.protocol === 'https:') return httpsRequest(target, options, onResponse);
  if (!proxy) return httpRequest(target, options, onResponse);
  const authorization = proxyAuthorization(proxy);
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  return request(
    {
      ...options,
      host: bareHost(proxy),
      port: proxy.port,
      path: target.href,
      headers: {
        host: target.host,
        ...(options.headers as Record<string, string>),
        ...(authorization ? { 'proxy-authorization': authorization } : {}),
      },
    },
    onResponse,
  );
}

/** TLS connections through CONNECT tunnels of a proxy (RFC 9110 §9.3.6). */
class TunnelAgent extends HttpsAgent {
  constructor(
    private readonly proxy: URL,
    private readonly files: TlsFiles,
  ) {
    super({ keepAlive: true, ...files });
  }

  override createConnection(
    options: RequestOptions & { readonly servername?: string },
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { port = 443, servername } = options;
    const host = options.host ?? '';
    tunnel(this.proxy, `${host}:${port}`, this.files, (error, socket) => {
      if (error) done(error, undefined as never);
      else done(null, connectTls({ ...this.files, host, servername, socket }));
    });
  }
}

function tunnel(
  proxy: URL,
  host: string,
  { ca }: TlsFiles,
  done: (error: Error | undefined, socket?: Duplex) => void,
): void {
  const authorization = proxyAuthorization(proxy);
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const call = request({
    method: 'CONNECT',
    host: bareHost(proxy),
    port: hostAndPort(proxy).replace(/^.*:/, ''),
    path: host,
    ca,
    agent: false,
    headers: { host, ...(authorization ? { 'proxy-authorization': authorization } : {}) },
    timeout: 10_000,
  });
  call.once('connect', ({ statusCode = 0 }, socket: Duplex) => {
    if (statusCode === 200) return done(undefined, socket);
    socket.destroy();
    done(refused(statusCode));
  });
  call.once('timeout', () => call.destroy(timeout()));
  call.once('error', done);
  call.end();
}

/** As sockets take it: no brackets around an IPv6 address. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function refused(status: number): Error {
  return proxyTrouble(new Error(`Proxy response (${status})`));
}

function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function timeout(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
