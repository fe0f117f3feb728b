import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type { Upstream } from '../../core/connect';
import {
  connectionSchema,
  lackingSecrets,
  mergedSecrets,
  parseBrokerAddress,
  type Connection,
  type Credentials,
  type HostRequest,
  type HostResponse,
} from '../../core/host';
import type { UpstreamOptions } from './upstream';
import { JsonFile } from './user-files';

const stored = z.array(connectionSchema);

/** Keeps credentials out of every file in clear; Electron offers the keychain's encryption. */
export interface SecretStore {
  read(id: string): Promise<Credentials | undefined>;
  write(id: string, credentials: Credentials): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Credentials for as long as the program runs. */
export function memorySecrets(): SecretStore {
  const secrets = new Map<string, Credentials>();
  return {
    read: (id) => Promise.resolve(secrets.get(id)),
    write: (id, credentials) => {
      secrets.set(id, credentials);
      return Promise.resolve();
    },
    remove: (id) => {
      secrets.delete(id);
      return Promise.resolve();
    },
  };
}

export type MakeUpstream = (options: UpstreamOptions) => { readonly upstream: Upstream };

/** Configured backends and HTTP to them; nothing else can be reached. */
export class HostConnections {
  private readonly file: JsonFile<Connection[]>;
  private readonly open = new Map<string, Upstream>();
  private readonly running = new Map<string, AbortController>();

  constructor(
    userDir: string,
    private readonly secrets: SecretStore,
    private readonly makeUpstream: MakeUpstream,
  ) {
    this.file = new JsonFile(join(userDir, 'connections.json'), (v) => stored.parse(v), []);
  }

  list(): readonly Connection[] {
    return this.file.read();
  }

  async save(connection: Connection, credentials: Credentials | null): Promise<void> {
    // Credentials in an address would end up in the file.
    const [url, signIn] = withoutSignIn(connection.url);
    const [proxy, proxySignIn] = withoutSignIn(connection.access?.proxy ?? 'direct');
    const access = connection.access?.proxy ? { ...connection.access, proxy } : connection.access;
    const auth = signIn && connection.auth === 'none' ? 'basic' : connection.auth;
    const clean = { ...connection, url, auth, access };
    const { username, password } = signIn ?? {};
    const given = {
      ...(clean.auth === 'basic' && signIn ? { username, password } : {}),
      ...(proxySignIn
        ? { proxyUsername: proxySignIn.username, proxyPassword: proxySignIn.password }
        : {}),
      ...credentials,
    };
    const secrets = mergedSecrets(clean, await this.secrets.read(clean.id), given);
    this.file.write([...this.list().filter(({ id }) => id !== clean.id), clean]);
    this.open.delete(clean.id);
    if (Object.keys(secrets).length > 0) await this.secrets.write(clean.id, secrets);
    else await this.secrets.remove(clean.id);
  }

  async remove(id: string): Promise<void> {
    this.file.write(this.list().filter((connection) => connection.id !== id));
    this.open.delete(id);
    await this.secrets.remove(id);
  }

  async send(request: HostRequest): Promise<HostResponse> {
    const upstream = await this.upstream(request.connectionId);
    const controller = new AbortController();
    this.running.set(request.requestId, controller);
    try {
      const { method, path, query, headers, body } = request;
      return await upstream.send({ method, path, query, headers, body }, controller.signal);
    } finally {
      this.running.delete(request.requestId);
    }
  }

  private async upstream(id: string): Promise<Upstream> {
    const known = this.open.get(id);
    if (known) return known;
    const connection = this.list().find((c) => c.id === id);
    if (!connection) throw new FaultlineError('not-found', 'This backend is not configured.');
    const credentials = await this.secrets.read(id);
    const lacking = lackingSecrets(connection, credentials);
    if (lacking.length > 0) {
      const why = `The credentials of ${connection.name} are not kept (${lacking.join(', ')}); enter them again.`;
      throw new FaultlineError('connector/auth', why);
    }
    const { connector, url, auth, access } = connection;
    const caFile = connection.caFile || undefined;
    const { upstream } = this.makeUpstream({ connector, url, auth, access, credentials, caFile });
    this.open.set(id, upstream);
    return upstream;
  }

  abort(requestId: string): void {
    this.running.get(requestId)?.abort();
  }
}

/** An address without a sign-in, and the sign-in; 'direct' stays as it is. */
function withoutSignIn(
  address: string,
): readonly [string, { readonly username: string; readonly password: string } | undefined] {
  if (address === 'direct') return [address, undefined];
  const brokers = parseBrokerAddress(address);
  if (brokers) {
    const { url: clean, username, password } = brokers;
    return [clean, username === '' ? undefined : { username, password }];
  }
  const url = new URL(address);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  const signIn = username === '' && password === '' ? undefined : { username, password };
  return [url.href.replace(/\/$/, ''), signIn];
}
