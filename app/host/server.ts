import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, sep } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { FaultlineError } from '../../core/base';
import {
  contentType,
  decodeMessage,
  dispatch,
  encodeMessage,
  securityHeaders,
  withNonce,
  type HostApi,
  type HostEvent,
} from '../../core/host';

export interface HostServerOptions {
  readonly rendererDir: string;
  readonly port: number;
  readonly api: HostApi;
  readonly onEvent: (listener: (event: HostEvent) => void) => () => void;
}

export interface HostServer {
  /** The address to open: the token stands in the fragment, which is never sent anywhere. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const PROTOCOL = 'faultline.v1';
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The browser host's server: the workbench's files and one WebSocket, on 127.0.0.1 only. A foreign Host is
 * answered 421 (DNS rebinding), a foreign Origin 403, a missing or wrong token 401.
 */
export async function startServer(options: HostServerOptions): Promise<HostServer> {
  const token = randomBytes(32).toString('base64url');
  const gate: Gate = { authority: '', token: digest(token) };
  const server = createServer((req, res) => answer(gate, options.rendererDir, req, res));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 256 << 20,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refused = refusal(gate, req);
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused} Refused\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(req, socket, head, (ws) => serve(ws, options));
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  gate.authority = `127.0.0.1:${port}`;
  return {
    url: `http://${gate.authority}/#t=${token}`,
    port,
    close: () =>
      new Promise((done) => {
        for (const client of sockets.clients) client.terminate();
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

interface Gate {
  authority: string;
  readonly token: Buffer;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? `Port ${port} is in use.` : cause.message;
      reject(new FaultlineError('host/unavailable', why, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function refusal(gate: Gate, req: IncomingMessage): number | undefined {
  if (req.headers.host !== gate.authority) return 421;
  if (req.headers.origin !== `http://${gate.authority}`) return 403;
  const protocols = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const token = protocols.find((p) => p.startsWith('t.'))?.slice(2) ?? '';
  if (!protocols.includes(PROTOCOL) || !timingSafeEqual(digest(token), gate.token)) return 401;
  return undefined;
}

function answer(gate: Gate, root: string, req: IncomingMessage, res: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const headers = securityHeaders(nonce);
  const refuse = (status: number): void => void res.writeHead(status, headers).end();
  if (req.headers.host !== gate.authority) return refuse(421);
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(405);
  const file = fileOf(root, req.url ?? '/');
  if (file === undefined) return refuse(404);
  const type = contentType(file);
  if (type.startsWith('text/html')) {
    res.writeHead(200, { ...headers, 'content-type': type, 'cache-control': 'no-store' });
    res.end(req.method === 'HEAD' ? undefined : withNonce(readFileSync(file, 'utf8'), nonce));
    return;
  }
  // Assets carry a content hash in their name.
  res.writeHead(200, {
    ...headers,
    'content-type': type,
    'cache-control': 'private, max-age=3600',
  });
  if (req.method === 'HEAD') res.end();
  else createReadStream(file).pipe(res);
}

function fileOf(root: string, url: string): string | undefined {
  try {
    const { pathname } = new URL(url, 'http://host');
    const path = decodeURIComponent(pathname);
    const file = join(root, normalize(path === '/' ? '/index.html' : path));
    if (!file.startsWith(root + sep)) return undefined;
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

interface Call {
  readonly id: number;
  readonly method: unknown;
  readonly args: unknown;
}

function serve(ws: WebSocket, { api, onEvent }: HostServerOptions): void {
  const send = (message: unknown): void => ws.send(encodeMessage(message));
  const stop = onEvent((event) => send({ event }));
  ws.on('close', stop);
  ws.on('message', (data: RawData, binary: boolean) => {
    const bytes = data as Buffer;
    let call: Call;
    try {
      call = decodeMessage(binary ? new Uint8Array(bytes) : bytes.toString()) as Call;
    } catch {
      ws.close(1003, 'not understood');
      return;
    }
    void dispatch(api, call.method, call.args).then((result) =>
      send({ id: call.id, answer: result }),
    );
  });
}
