import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface HeardRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly body: string;
}

/** A backend on loopback that says what it heard. */
export interface TestBackend {
  readonly url: string;
  readonly heard: readonly HeardRequest[];
  close(): Promise<void>;
}

/** GET /ok, /gzip, /redirect (to /ok), /denied (401), /slow (never ends); anything else echoes its body. */
export async function startBackend(): Promise<TestBackend> {
  const heard: HeardRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = '', url = '', headers } = request;
      heard.push({
        method,
        url,
        authorization: headers.authorization ?? '',
        body: body.toString(),
      });
      answer(request, response, body);
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/gzip') {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
  } else if (path === '/redirect') response.writeHead(302, { location: '/ok' }).end();
  else if (path === '/denied') {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('who are you');
  } else if (path === '/slow') response.writeHead(200).write('begun');
  else if (path === '/ok') response.writeHead(200, { 'X-Own': 'Yes' }).end('fine');
  else response.writeHead(200).end(body);
}
