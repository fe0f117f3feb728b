import { net, session, type ClientRequest, type IncomingMessage, type Session } from 'electron';
import {
  nodeClient,
  plainHeaders,
  readBody,
  upstreamOver,
  withBuckets,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from '../node/host';

/**
 * Chromium's network stack, with the system's proxy and certificates; Node's client where a connection brings its own
 * certificate authority or client certificate, which Chromium cannot be given for one connection.
 */
export const createUpstream = withBuckets(
  upstreamOver((options) =>
    options.tls.ca === undefined && options.tls.cert === undefined
      ? chromiumClient(options)
      : nodeClient(options),
  ),
);

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

function chromiumClient({ timeoutMs, proxy }: HttpClientOptions): HttpClient {
  let through: Promise<Session> | undefined;
  return async (request, signal) => {
    through ??= sessionFor(proxy.setting);
    const from = await through;
    return new Promise<Answer>((resolve, reject) => {
      const call = open(request, from);
      let asked = false;
      let timer = setTimeout(() => fail(timedOut()), timeoutMs);
      const alive = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(timedOut()), timeoutMs);
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const fail = (error: Error): void => {
        settle();
        reject(withCode(error));
        call.abort();
      };
      const cancel = (): void => fail(new Error('cancelled'));
      const finish = (answer: Answer): void => {
        settle();
        resolve(answer);
      };
      if (signal?.aborted) return cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      call.on('error', fail);
      call.on('login', (asker, answer) => {
        if (asker.isProxy && !asked) answer(proxy.username, proxy.password);
        else answer();
        asked = true;
      });
      // A redirect is the answer: another host must not get these credentials.
      call.on('redirect', (status, _method, _url, headers) => {
        finish({ status, headers: plainHeaders(headers), body: new Uint8Array() });
      });
      call.on('response', (response) => {
        alive();
        response.on('data', alive);
        void answerOf(response).then(finish, fail);
      });
      if (request.body !== undefined) call.write(bufferOf(request.body));
      call.end();
    });
  };
}

/**
 * A session in memory, without cache and cookies: every answer is the backend's of now. Each proxy has one of its own;
 * without a setting it is the system's.
 */
async function sessionFor(setting: string | undefined): Promise<Session> {
  const own = session.fromPartition(`upstream ${setting ?? ''}`.trim(), { cache: false });
  if (setting === 'direct') await own.setProxy({ mode: 'direct' });
  else if (setting !== undefined) {
    const { protocol, host } = new URL(setting);
    // A proxy that was asked for is taken for this machine's own addresses, too.
    const proxyRules = `${protocol}//${host}`;
    await own.setProxy({ mode: 'fixed_servers', proxyRules, proxyBypassRules: '<-loopback>' });
  }
  return own;
}

function open({ url, method, headers }: HttpRequest, from: Session): ClientRequest {
  const options = { url, method, session: from, credentials: 'omit', redirect: 'manual' } as const;
  const call = net.request(options);
  for (const [name, value] of Object.entries(headers)) call.setHeader(name, value);
  return call;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  // Chromium has undone the content encoding already.
  const body = await readBody(chunksOf(response), undefined);
  return { status: response.statusCode, headers: plainHeaders(response.headers), body };
}

function bufferOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
}

/** The pieces of a body as they come; Electron's message is an emitter, no stream. */
async function* chunksOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  const waiting: (Uint8Array | 'end' | Error)[] = [];
  let wake = (): void => undefined;
  const push = (what: Uint8Array | 'end' | Error): void => {
    waiting.push(what);
    wake();
  };
  response.on('data', push);
  response.on('end', () => push('end'));
  response.on('aborted', () => push(withCode(new Error('net::ERR_CONNECTION_CLOSED'))));
  response.on('error', (error: Error) => push(withCode(error)));
  for (;;) {
    const next = waiting.shift();
    if (next === undefined) await new Promise<void>((resolve) => (wake = resolve));
    else if (next === 'end') return;
    else if (next instanceof Error) throw next;
    else yield next;
  }
}

function timedOut(): Error {
  return new Error('net::ERR_TIMED_OUT');
}

/** Chromium writes its code into the message: "net::ERR_CONNECTION_REFUSED". */
function withCode(error: Error): Error {
  const code = /net::(ERR_\w+)/.exec(error.message)?.[1];
  return code === undefined || 'code' in error ? error : Object.assign(error, { code });
}
