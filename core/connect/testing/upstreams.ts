import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { cancelled, type Rng } from '../../base';
import type { ConnectorEnv, Upstream, UpstreamRequest, UpstreamResponse } from '..';

/** Counts and keeps what is sent to an upstream; `onSend` is told before each request, from 1. */
export class CountingUpstream implements Upstream {
  readonly requests: UpstreamRequest[] = [];

  constructor(
    private readonly inner: Upstream,
    private readonly onSend?: (nth: number, request: UpstreamRequest) => void,
  ) {}

  get count(): number {
    return this.requests.length;
  }

  send(request: UpstreamRequest, signal?: AbortSignal): Promise<UpstreamResponse> {
    this.requests.push(request);
    this.onSend?.(this.requests.length, request);
    return this.inner.send(request, signal);
  }
}

/** An answer as a backend or a proxy before it would give it. */
export function answer(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): UpstreamResponse {
  return { status, headers, body: new TextEncoder().encode(body) };
}

/** Answers in place of the server where `decide` gives an answer; everything else goes through. */
export function intercepting(
  inner: Upstream,
  decide: (request: UpstreamRequest, nth: number) => UpstreamResponse | undefined,
): Upstream {
  let nth = 0;
  return {
    send: (request, signal) => {
      const own = decide(request, ++nth);
      return own ? Promise.resolve(own) : inner.send(request, signal);
    },
  };
}

/**
 * Lets every request fail once before it goes through: in turn 429 with Retry-After in seconds, 503
 * without, 503 with a date, as rate limits and overloaded backends do.
 */
export function throttling(inner: Upstream, retryAfterSeconds: number): Upstream {
  let busy = true;
  let turn = 0;
  return {
    send: (request, signal) => {
      busy = !busy;
      if (busy) return inner.send(request, signal);
      const kind = turn++ % 3;
      if (kind === 0) {
        const headers = { 'retry-after': String(retryAfterSeconds) };
        return Promise.resolve(answer(429, 'Too many requests', headers));
      }
      const at = new Date(Date.now() + retryAfterSeconds * 1000).toUTCString();
      return Promise.resolve(
        answer(503, 'Service unavailable', kind === 1 ? {} : { 'retry-after': at }),
      );
    },
  };
}

/**
 * A backend on a bad day: of its answers, by seed, a tenth is 429, a tenth 503, a tenth ends in the middle and a
 * tenth comes late.
 */
export function unreliable(inner: Upstream, random: Rng): Upstream {
  return {
    send: async (request, signal) => {
      const luck = random.next();
      if (luck < 0.1) return answer(429, 'Too many requests', { 'retry-after': '1' });
      if (luck < 0.2) return answer(503, 'Service unavailable');
      const whole = await inner.send(request, signal);
      if (luck < 0.3 && whole.body.length > 1) {
        const length = 1 + Math.floor(random.next() * (whole.body.length - 1));
        return { ...whole, body: whole.body.subarray(0, length) };
      }
      if (luck < 0.4) await new Promise((done) => setTimeout(done, 5 + 20 * random.next()));
      return whole;
    },
  };
}

export interface TestEnv extends ConnectorEnv {
  /** Milliseconds of each wait that was asked for; none of them is really waited for. */
  readonly sleeps: readonly number[];
}

/** The world as a connector sees it, with waits that pass at once. */
export function testEnv(upstream: Upstream): TestEnv {
  const sleeps: number[] = [];
  return {
    upstream,
    now: () => BigInt(Date.now()) * 1_000_000n,
    sleep: (ms, signal) => {
      sleeps.push(ms);
      return signal?.aborted ? Promise.reject(cancelled()) : Promise.resolve();
    },
    sleeps,
  };
}

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A reverse proxy that wants basic credentials before a backend without sign-in of its own, as people put
 * nginx before one. Every body and header goes through as it is.
 */
export function startAuthProxy(
  target: string,
  credentials: { readonly username: string; readonly password: string },
): Promise<Proxy> {
  const { username, password } = credentials;
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return startProxy(target, (req, res, pass) => {
    if (req.headers.authorization === wanted) return pass();
    req.resume();
    res.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('401 unauthorized');
  });
}

/**
 * A reverse proxy that lets the nth request wait until `open` is called, and all after it: a moment in which
 * a pull can be killed.
 */
export async function startGate(
  target: string,
  closes: (path: string, nth: number) => boolean,
): Promise<Proxy & { readonly reached: Promise<void>; open(): void }> {
  let nth = 0;
  let shut = false;
  let wasReached: () => void = () => undefined;
  const reached = new Promise<void>((done) => (wasReached = done));
  const waiting: (() => void)[] = [];
  let opened = false;
  const proxy = await startProxy(target, (req, _, pass) => {
    shut ||= !opened && closes(req.url ?? '', ++nth);
    if (!shut) return pass();
    waiting.push(pass);
    wasReached();
  });
  const open = (): void => {
    opened = true;
    shut = false;
    for (const pass of waiting.splice(0)) pass();
  };
  return { ...proxy, reached, open };
}

async function startProxy(
  target: string,
  gate: (req: IncomingMessage, res: ServerResponse, pass: () => void) => void,
): Promise<Proxy> {
  const base = new URL(target);
  const server = createServer((req, res) => {
    gate(req, res, () => {
      const { authorization: _, ...headers } = req.headers;
      const path = `${base.pathname.replace(/\/$/, '')}${req.url ?? '/'}`;
      const options = { host: base.hostname, port: base.port, method: req.method, path, headers };
      const onward = httpRequest(options, (back) => {
        res.writeHead(back.statusCode ?? 502, back.headers);
        back.pipe(res);
      });
      onward.on('error', () => res.destroy());
      req.pipe(onward);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
