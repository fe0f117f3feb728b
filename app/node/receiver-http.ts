import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { Heard, OtlpSignal } from '../../core/host';
import {
  jsonResponse,
  protobufResponse,
  protobufStatus,
  refusalOf,
  type Refusal,
} from './receiver-answers';
import { listenFailure, type Intake } from './receiver-intake';

const SIGNAL_OF_PATH = new Map<string, OtlpSignal>([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

/** Where a request goes: to an OTLP signal or to a webhook of that name. */
type Place = { readonly signal: OtlpSignal } | { readonly name: string };
type Way = Heard['protocol'];
interface WebhookWay {
  readonly protocol: 'webhook';
  readonly name: string;
}

const INFLATE = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** An answer that ends a request early. */
class Refused extends Error {
  constructor(
    readonly refusal: Refusal,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(refusal.message);
  }
}

function refuse(
  http: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Refused {
  return new Refused({ http, grpc: 3, message }, headers);
}

/** OTLP/HTTP (specification 1.x: protobuf and JSON) and webhooks. */
export class HttpReceiver {
  private readonly server: Server;

  constructor(
    private readonly intake: Intake,
    private readonly webhooks: ReadonlySet<string>,
  ) {
    this.server = createServer((request, response) => void this.handle(request, response));
    this.server.requestTimeout = 60_000;
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(listenFailure(host, port, error)));
      this.server.listen(port, host, resolve);
    });
    return this.server.address() as AddressInfo;
  }

  /** Stops listening and waits for requests that are under way. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const idle = setInterval(() => this.server.closeIdleConnections(), 50);
    const late = setTimeout(() => this.server.closeAllConnections(), 5000);
    await closed;
    clearInterval(idle);
    clearTimeout(late);
  }

  /** By the path alone: what stands in a query is not looked at. */
  private placeOf(request: IncomingMessage): Place {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const signal = SIGNAL_OF_PATH.get(path);
    if (signal) return { signal };
    const name = /^\/webhook\/([^/]+)\/?$/.exec(path)?.[1];
    if (name === undefined) throw refuse(404, `Nothing is received at ${path}.`);
    if (this.webhooks.has(name)) return { name };
    const others = [...this.webhooks].map((known) => `/webhook/${known}`).join(', ');
    throw refuse(
      404,
      `Nothing says how to read what is posted to /webhook/${name}. Receive with --mapping ${name}=FILE, or post to ${others || 'OTLP at /v1/logs'}.`,
    );
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let protocol: Way = 'http/json';
    try {
      const place = this.placeOf(request);
      if (request.method !== 'POST') throw refuse(405, 'Use POST.', { allow: 'POST' });
      const way = wayOf(request, place);
      protocol = way.protocol;
      const release = this.intake.enter();
      try {
        const body = await readBody(request, this.intake.maxBytes);
        const given = await this.intake.deliver({ ...way, body });
        answer(response, 200, protocol, {
          json: jsonResponse('signal' in place ? place.signal : 'webhook', given),
          protobuf: protobufResponse(given),
        });
      } finally {
        release();
      }
    } catch (error) {
      const refusal = error instanceof Refused ? error.refusal : refusalOf(error);
      const headers = error instanceof Refused ? error.headers : {};
      if (response.headersSent || response.destroyed) return;
      if (refusal.retryAfter !== undefined) {
        response.setHeader('retry-after', String(refusal.retryAfter));
      }
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      // The rest of the body is passed over, so that the sender comes to read the answer.
      request.resume();
      const json = JSON.stringify({ code: refusal.grpc, message: refusal.message });
      answer(response, refusal.http, protocol, { json, protobuf: protobufStatus(refusal) });
    }
  }
}

/** Types of JSON and of JSON lines. Nothing else: a page in a browser may post plain text anywhere, unasked. */
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?(?:json|x-ndjson|ndjson|jsonl|jsonlines)$/;

function wayOf(
  request: IncomingMessage,
  place: Place,
): { readonly protocol: Exclude<Way, 'webhook'>; readonly signal: OtlpSignal } | WebhookWay {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if ('name' in place) {
    if (JSON_TYPE.test(type)) return { protocol: 'webhook', name: place.name };
  } else {
    const { signal } = place;
    if (type === 'application/x-protobuf' || type === 'application/protobuf')
      return { protocol: 'http/protobuf', signal };
    if (type === 'application/json') return { protocol: 'http/json', signal };
  }
  const known = 'name' in place ? '' : 'application/x-protobuf or ';
  throw refuse(415, `Content-Type "${type}" is not read here. Use ${known}application/json.`);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate') {
    throw refuse(415, `Content-Encoding "${encoding}" is not read here. Use gzip.`, {
      'accept-encoding': 'gzip, deflate, identity',
    });
  }
  const tooLarge = (): Refused => refuse(413, `The body has over ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const raw = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(refuse(400, 'The request broke off.')));
  });
  if (encoding === 'identity') return raw;
  try {
    return await INFLATE[encoding](raw, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw refuse(400, `The body is not valid ${encoding}.`);
  }
}

function answer(
  response: ServerResponse,
  status: number,
  protocol: Way,
  body: { readonly json: string; readonly protobuf: Uint8Array },
): void {
  const binary = protocol === 'http/protobuf';
  response.writeHead(status, {
    'content-type': binary ? 'application/x-protobuf' : 'application/json',
  });
  response.end(binary ? body.protobuf : body.json);
}
