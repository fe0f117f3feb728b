import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type {
  DeliveryAnswer,
  Delivery,
  HostApi,
  HostCapability,
  HostEvent,
  HostInfo,
  RecentCase,
  ShellCommand,
} from '../../core/host';
import {
  HostConnections,
  memorySecrets,
  type MakeUpstream,
  type SecretStore,
} from './host-connections';
import { browseFolder } from './browse-folder';
import { HostFiles } from './host-files';
import { JsonFile } from './user-files';

/** Dialogs and window of the shell; the browser host has none. */
export interface ShellParts {
  pickOpen: HostApi['pickOpen'];
  pickSave: HostApi['pickSave'];
  confirmClose: HostApi['confirmClose'];
  showState: HostApi['showState'];
  closeWindow: HostApi['closeWindow'];
}

export interface RunningReceiver {
  readonly http: string;
  readonly grpc: string;
  close(): Promise<void>;
}

export type StartReceiver = (options: {
  readonly http: string;
  readonly grpc: string;
  onDelivery(delivery: Delivery): Promise<{ readonly dropped: number }>;
}) => Promise<RunningReceiver>;

export interface NodeHostOptions {
  readonly kind: HostInfo['kind'];
  readonly version: string;
  readonly userDir: string;
  readonly can: readonly HostCapability[];
  readonly makeUpstream: MakeUpstream;
  readonly startReceiver?: StartReceiver;
  readonly secrets?: SecretStore;
  readonly shell?: Partial<ShellParts>;
}

export interface NodeHost {
  readonly api: HostApi;
  /** Paths a person started the program with, or opened through the shell. */
  openPaths(paths: readonly string[]): void;
  command(command: ShellCommand): void;
  readonly onEvent: (listener: (event: HostEvent) => void) => () => void;
  /** The page is gone (reloaded, crashed, closed): commands wait for the next, what it had open is let go. */
  pageGone(): Promise<void>;
  close(): Promise<void>;
}

const MAX_RECENTS = 20;
const settingsSchema = z.record(z.string(), z.string());
const recentsSchema = z.array(
  z.object({
    path: z.string(),
    name: z.string(),
    size: z.number(),
    openedAt: z.number(),
    from: z.number().nullable(),
    to: z.number().nullable(),
    shape: z.array(z.number()),
    cause: z.string(),
    confidence: z.number().nullable(),
  }),
);

/** The Node half of a shell: files, settings, backends, the receiver. Both shells offer this to the page. */
export function createNodeHost(options: NodeHostOptions): NodeHost {
  const { userDir, shell } = options;
  const files = new HostFiles();
  const secrets = options.secrets ?? memorySecrets();
  const connections = new HostConnections(userDir, secrets, options.makeUpstream);
  const settings = new JsonFile(join(userDir, 'settings.json'), (v) => settingsSchema.parse(v), {});
  const recents = new JsonFile<RecentCase[]>(
    join(userDir, 'recents.json'),
    (v) => recentsSchema.parse(v),
    [],
  );
  const listeners = new Set<(event: HostEvent) => void>();
  const emit = (event: HostEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const receiver = new ReceiverDesk(emit, options.startReceiver);
  const early: ShellCommand[] = [];
  let listening = false;
  const command = (what: ShellCommand): void => {
    if (listening) emit({ kind: 'command', command: what });
    else early.push(what);
  };
  files.grant(recents.read().map(({ path }) => path));

  // Where there is a native dialog, a person chooses there: the page can't look around by itself.
  const mustBrowse = (): void => {
    if (options.can.includes('path-access') && !options.can.includes('native-dialog')) return;
    throw new FaultlineError('host/denied', 'Files are chosen in the native dialog here.');
  };
  const none = (what: string) => () =>
    Promise.reject(new FaultlineError('host/unavailable', `This shell has no ${what}.`));
  const api: HostApi = {
    info: () =>
      Promise.resolve({
        kind: options.kind,
        version: options.version,
        platform: process.platform,
        can: options.can,
      }),
    pickOpen: async (what) => {
      const picked = await (shell?.pickOpen ?? none('open dialog'))(what);
      files.grant(picked.map(({ path }) => path));
      return picked;
    },
    pickSave: shell?.pickSave ?? none('save dialog'),
    confirmClose: shell?.confirmClose ?? none('question'),
    browse: async (path) => {
      mustBrowse();
      return browseFolder(path === '' ? homedir() : path);
    },
    choosePaths: async (paths) => {
      mustBrowse();
      files.grant(paths);
      const refs = await Promise.all(paths.map((path) => files.stat(path)));
      return refs.filter((ref) => ref !== null);
    },
    stat: (path) => files.stat(path),
    list: (path) => files.list(path),
    read: (path, offset, length) => files.read(path, offset, length),
    writeBegin: (path) => files.writeBegin(path),
    writeChunk: (handle, chunk) => files.writeChunk(handle, chunk),
    writeCommit: (handle) => files.writeCommit(handle),
    writeAbort: (handle) => files.writeAbort(handle),
    places: () => Promise.resolve({ cases: homedir(), sample: '' }),
    readSetting: (key) => Promise.resolve(settings.read()[key] ?? null),
    writeSetting: async (key, value) => settings.write({ ...settings.read(), [key]: value }),
    recents: () => Promise.resolve(recents.read()),
    addRecent: async (recent) => {
      const others = recents.read().filter(({ path }) => path !== recent.path);
      recents.write([recent, ...others].slice(0, MAX_RECENTS));
    },
    removeRecent: async (path) => recents.write(recents.read().filter((r) => r.path !== path)),
    connections: () => Promise.resolve(connections.list()),
    saveConnection: (connection, credentials) => connections.save(connection, credentials),
    removeConnection: (id) => connections.remove(id),
    upstream: (request) => connections.send(request),
    upstreamAbort: async (id) => connections.abort(id),
    receiverStart: (addresses) => receiver.start(addresses),
    receiverAck: async (id, answer) => receiver.ack(id, answer),
    receiverStop: () => receiver.stop(),
    showState: shell?.showState ?? (() => Promise.resolve()),
    ready: () => {
      listening = true;
      return Promise.resolve(early.splice(0));
    },
    closeWindow: shell?.closeWindow ?? (() => Promise.resolve()),
  };
  const close = async (): Promise<void> => {
    await receiver.stop();
    await files.close();
  };
  return {
    api,
    openPaths: (paths) => {
      if (paths.length === 0) return;
      files.grant(paths);
      command({ id: 'open-paths', paths });
    },
    command,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pageGone: async () => {
      listening = false;
      await close();
    },
    close,
  };
}

/** Passes what the receiver hears to the page and its answer back to the sender. */
class ReceiverDesk {
  private running: RunningReceiver | undefined;
  private readonly waiting = new Map<number, (answer: DeliveryAnswer) => void>();

  constructor(
    private readonly emit: (event: HostEvent) => void,
    private readonly startReceiver: StartReceiver | undefined,
  ) {}

  async start(addresses: { http: string; grpc: string }): Promise<{ http: string; grpc: string }> {
    if (!this.startReceiver) {
      throw new FaultlineError('host/unavailable', 'This shell has no receiver.');
    }
    this.running ??= await this.startReceiver({
      ...addresses,
      onDelivery: (delivery) =>
        new Promise((resolve) => {
          this.waiting.set(delivery.id, resolve);
          this.emit({ kind: 'delivery', delivery });
        }),
    });
    const { http, grpc } = this.running;
    return { http, grpc };
  }

  ack(id: number, answer: DeliveryAnswer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.(answer);
  }

  async stop(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    for (const answer of this.waiting.values()) {
      answer({ dropped: 0, refused: { message: 'The receiver was stopped.', retryable: true } });
    }
    this.waiting.clear();
    await running?.close();
  }
}

// The face for Electron's main, which needs neither the native engine nor undici.
export { nodeClient } from './http-node';
export { startReceiver } from './receiver';
export { plainHeaders, readBody, upstreamOver } from './upstream';
export type { HttpClient, HttpClientOptions, HttpRequest } from './upstream';
export type { SecretStore } from './host-connections';
export { JsonFile, userDir } from './user-files';
