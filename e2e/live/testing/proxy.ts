import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  readonly url: string;
  /** Requests so far. */
  count(): number;
  /** Starts to count anew; `before` is waited for before a request goes through. */
  watch(before?: (nth: number) => Promise<void> | void): void;
  close(): Promise<void>;
}

/** A reverse proxy that counts, so that a client can be disturbed at a chosen request. */
export async function startProxy(target: string): Promise<Proxy> {
  const base = new URL(target);
  let count = 0;
  let watcher: ((nth: number) => Promise<void> | void) | undefined;
  const server = createServer((req, res) => {
    const nth = ++count;
    void (async () => {
      await watcher?.(nth);
      const { method, headers, url: path } = req;
      const onward = httpRequest(
        { host: base.hostname, port: base.port, method, path, headers },
        (back) => {
          res.writeHead(back.statusCode ?? 502, back.headers);
          back.pipe(res);
        },
      );
      onward.on('error', () => res.writeHead(502).end());
      res.on('close', () => onward.destroy());
      req.pipe(onward);
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    watch: (before) => {
      count = 0;
      watcher = before;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
