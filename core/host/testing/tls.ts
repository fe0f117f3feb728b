import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnAuthority {
  /** PEM file of the authority. */
  readonly caFile: string;
  /** Key and certificate of a server on 127.0.0.1, as node:https takes them. */
  readonly server: { readonly key: Buffer; readonly cert: Buffer };
}

/** A certificate authority of our own and a server's certificate by it, made by openssl in `folder`. */
export function ownAuthority(folder: string): OwnAuthority {
  const openssl = (command: string): void =>
    void execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
  const name = 'subjectAltName=IP:127.0.0.1';
  openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=own -keyout ca.key -out ca.pem');
  openssl(
    `req -newkey rsa:2048 -nodes -subj /CN=server -addext ${name} -keyout server.key -out server.csr`,
  );
  openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -days 2 -out server.pem',
  );
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  return {
    caFile: join(folder, 'ca.pem'),
    server: { key: read('server.key'), cert: read('server.pem') },
  };
}
