import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { plainHeaders, readBody, type HttpClient, type HttpClientOptions } from './http-client';

/** Node's own client, for where a certificate authority is given and undici is out of reach. */
export function nodeClient({ ca, timeoutMs }: HttpClientOptions): HttpClient {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true, ca });
  return async ({ url, method, headers, body }, signal) => {
    const secure = url.startsWith('https:');
    const options = {
      method,
      agent: secure ? https : http,
      headers: { 'accept-encoding': 'gzip', ...lengthOf(body), ...headers },
      timeout: timeoutMs,
      signal,
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = secure
        ? httpsRequest(url, options, resolve)
        : httpRequest(url, options, resolve);
      call.once('error', reject);
      call.once('timeout', () => call.destroy(timeout()));
      call.end(body);
    });
    response.once('timeout', () => response.destroy(timeout()));
    const answered = plainHeaders(response.headers);
    return {
      status: response.statusCode ?? 0,
      headers: answered,
      body: await readBody(response, answered['content-encoding']),
    };
  };
}

function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function timeout(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
