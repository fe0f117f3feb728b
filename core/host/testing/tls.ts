import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnAuthority {
  /** PEM file of the authority. */
  readonly caFile: string;
  /** Key and certificate of a server on 127.0.0.1, as node:https takes them. */
  readonly server: { readonly key: Buffer; readonly cert: Buffer };
}

const openssl = (folder: string, command: string): void =>
  void execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });

/** A certificate authority of our own and a server's certificate by it, made by openssl in `folder`. */
export function ownAuthority(folder: string): OwnAuthority {
  openssl(
    folder,
    'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=own -keyout ca.key -out ca.pem',
  );
  signedByOwn(folder, 'server', '-addext subjectAltName=IP:127.0.0.1');
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  return {
    caFile: join(folder, 'ca.pem'),
    server: { key: read('server.key'), cert: read('server.pem') },
  };
}

export interface ClientCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** The same key, encrypted with `passphrase`. */
  readonly lockedKeyFile: string;
  readonly passphrase: string;
}

/** A client's certificate by the authority that `ownAuthority` made in `folder`. */
export function clientCertificate(folder: string): ClientCertificate {
  const passphrase = 'pa55phrase';
  signedByOwn(folder, 'client', '');
  openssl(folder, `pkcs8 -topk8 -in client.key -passout pass:${passphrase} -out locked.key`);
  const at = (file: string): string => join(folder, file);
  return {
    certFile: at('client.pem'),
    keyFile: at('client.key'),
    lockedKeyFile: at('locked.key'),
    passphrase,
  };
}

function signedByOwn(folder: string, name: string, more: string): void {
  const request = `req -newkey rsa:2048 -nodes -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`;
  openssl(folder, more === '' ? request : `${request} ${more}`);
  openssl(
    folder,
    `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -days 2 -out ${name}.pem`,
  );
}
