import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ForwardProxy {
  readonly url: string;
  /** "CONNECT 127.0.0.1:443", "GET http://127.0.0.1:80/x": what it was asked to pass on. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy as companies have them: CONNECT tunnels, whole addresses for plain HTTP, and a sign-in if one is given. */
export async function startForwardProxy(signIn?: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const wanted = signIn && `Basic ${Buffer.from(signIn).toString('base64')}`;
  const denied = (authorization: string | undefined): boolean =>
    wanted !== undefined && authorization !== wanted;
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    if (denied(headers['proxy-authorization'])) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
      return;
    }
    asked.push(`${method} ${url}`);
    const { 'proxy-authorization': _, 'proxy-connection': __, ...rest } = headers;
    const onward = httpRequest(url, { method, headers: rest }, (back) => {
      response.writeHead(back.statusCode ?? 502, back.headers);
      back.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    const host = request.url ?? '';
    if (denied(request.headers['proxy-authorization'])) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="proxy"\r\n\r\n',
      );
      return;
    }
    asked.push(`CONNECT ${host}`);
    if (host.startsWith('forbidden.')) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const onward = connect(Number(host.replace(/^.*:/, '')), host.replace(/:\d+$/, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      open.add(end);
      end.on('error', () => end.destroy());
    }
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
