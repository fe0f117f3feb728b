import { Agent, request } from 'undici';
import { plainHeaders, readBody, type HttpClient, type HttpClientOptions } from './http-client';
import { upstreamOver } from './upstream';

/** Plain Node's client: keeps connections, speaks to what the machine trusts or to the given authority. */
function undiciClient({ ca, timeoutMs }: HttpClientOptions): HttpClient {
  const dispatcher = new Agent({
    connect: { ca, timeout: 10_000 },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return async ({ url, method, headers, body }, signal) => {
    const all = { 'accept-encoding': 'gzip', ...headers };
    const response = await request(url, { method, headers: all, body, dispatcher, signal });
    const answered = plainHeaders(response.headers);
    return {
      status: response.statusCode,
      headers: answered,
      body: await readBody(response.body, answered['content-encoding']),
    };
  };
}

export const createUpstream = upstreamOver(undiciClient);
