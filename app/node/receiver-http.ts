import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { Delivery } from '../../core/host';
import {
  jsonResponse,
  protobufResponse,
  protobufStatus,
  refusalOf,
  type Refusal,
} from './receiver-answers';
import { listenFailure, type Intake } from './receiver-intake';

const SIGNAL_OF_PATH: Readonly<Record<string, Delivery['signal']>> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
  '/webhook/alertmanager': 'alerts',
};

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

/** OTLP/HTTP (specification 1.x: protobuf and JSON) and the Alertmanager webhook. */
export class HttpReceiver {
  private readonly server: Server;

  constructor(private readonly intake: Intake) {
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

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let protocol: Delivery['protocol'] = 'http/json';
    try {
      const signal = SIGNAL_OF_PATH[new URL(request.url ?? '/', 'http://localhost').pathname];
      if (!signal) throw refuse(404, `Nothing is received at ${request.url ?? '/'}.`);
      if (request.method !== 'POST') throw refuse(405, 'Use POST.', { allow: 'POST' });
      protocol = protocolOf(request, signal);
      const release = this.intake.enter();
      try {
        const body = await readBody(request, this.intake.maxBytes);
        const { dropped } = await this.intake.deliver({ protocol, signal, body });
        answer(response, 200, protocol, {
          json: jsonResponse(signal, dropped),
          protobuf: protobufResponse(dropped),
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

function protocolOf(request: IncomingMessage, signal: Delivery['signal']): Delivery['protocol'] {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (signal === 'alerts') {
    if (type === 'application/json') return 'webhook';
  } else {
    if (type === 'application/x-protobuf' || type === 'application/protobuf')
      return 'http/protobuf';
    if (type === 'application/json') return 'http/json';
  }
  const known = signal === 'alerts' ? '' : 'application/x-protobuf or ';
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
  protocol: Delivery['protocol'],
  body: { readonly json: string; readonly protobuf: Uint8Array },
): void {
  const binary = protocol === 'http/protobuf';
  response.writeHead(status, {
    'content-type': binary ? 'application/x-protobuf' : 'application/json',
  });
  response.end(binary ? body.protobuf : body.json);
}
