import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type { Upstream } from '../../core/connect';
import type { Connection, Credentials, HostRequest, HostResponse } from '../../core/host';
import { JsonFile } from './user-files';

const stored = z.array(
  z.object({
    id: z.string(),
    connector: z.string(),
    name: z.string(),
    url: z.string(),
    auth: z.enum(['none', 'basic', 'bearer']),
    caFile: z.string(),
    config: z.record(z.string(), z.string()),
  }),
);

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

export type MakeUpstream = (options: {
  readonly url: string;
  readonly credentials?: Credentials;
  readonly caFile?: string;
}) => { readonly upstream: Upstream };

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
    const url = new URL(connection.url);
    // Credentials in an address would end up in the file.
    const inUrl = {
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    };
    url.username = '';
    url.password = '';
    const clean = { ...connection, url: url.href.replace(/\/$/, '') };
    this.file.write([...this.list().filter(({ id }) => id !== clean.id), clean]);
    this.open.delete(clean.id);
    if (credentials) await this.secrets.write(clean.id, credentials);
    else if (inUrl.username) await this.secrets.write(clean.id, inUrl);
    else if (clean.auth === 'none') await this.secrets.remove(clean.id);
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
    if (connection.auth !== 'none' && !credentials) {
      const why = `The credentials of ${connection.name} are not kept; enter them again.`;
      throw new FaultlineError('connector/auth', why);
    }
    const caFile = connection.caFile || undefined;
    const { upstream } = this.makeUpstream({ url: connection.url, credentials, caFile });
    this.open.set(id, upstream);
    return upstream;
  }

  abort(requestId: string): void {
    this.running.get(requestId)?.abort();
  }
}
