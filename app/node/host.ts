import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import type {
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
import { ReceiverDesk, type StartReceiver } from './receiver-desk';
import { JsonFile } from './user-files';

/** Dialogs and window of the shell; the browser host has none. */
export interface ShellParts {
  pickOpen: HostApi['pickOpen'];
  pickSave: HostApi['pickSave'];
  confirmClose: HostApi['confirmClose'];
  showState: HostApi['showState'];
  closeWindow: HostApi['closeWindow'];
}

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
    // Lists that were written before there were marks have none.
    marks: z.array(z.object({ key: z.string(), weight: z.number() })).default([]),
  }),
);

/** The Node half of a shell: files, settings, backends, the receiver. Both shells offer this to the page. */
export function createNodeHost(options: NodeHostOptions): NodeHost {
  const files = new HostFiles();
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
  const close = async (): Promise<void> => {
    await receiver.stop();
    await files.close();
  };
  return {
    api: {
      ...shellMethods(options),
      ...choosingMethods(options, files),
      ...fileMethods(files),
      ...userMethods(options.userDir, files),
      ...backendMethods(options, receiver),
      ready: () => {
        listening = true;
        return Promise.resolve(early.splice(0));
      },
    },
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

const none = (what: string) => () =>
  Promise.reject(new FaultlineError('host/unavailable', `This shell has no ${what}.`));

function shellMethods({ kind, version, can, shell }: NodeHostOptions) {
  return {
    info: () => Promise.resolve({ kind, version, platform: process.platform, can }),
    pickSave: shell?.pickSave ?? none('save dialog'),
    confirmClose: shell?.confirmClose ?? none('question'),
    showState: shell?.showState ?? (() => Promise.resolve()),
    closeWindow: shell?.closeWindow ?? (() => Promise.resolve()),
  } satisfies Partial<HostApi>;
}

/** What a person chose may be read from then on. */
function choosingMethods({ can, shell }: NodeHostOptions, files: HostFiles) {
  // Where there is a native dialog, a person chooses there: the page can't look around by itself.
  const mustBrowse = (): void => {
    if (can.includes('path-access') && !can.includes('native-dialog')) return;
    throw new FaultlineError('host/denied', 'Files are chosen in the native dialog here.');
  };
  return {
    pickOpen: async (what) => {
      const picked = await (shell?.pickOpen ?? none('open dialog'))(what);
      files.grant(picked.map(({ path }) => path));
      return picked;
    },
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
  } satisfies Partial<HostApi>;
}

function fileMethods(files: HostFiles) {
  return {
    stat: (path) => files.stat(path),
    list: (path) => files.list(path),
    read: (path, offset, length) => files.read(path, offset, length),
    writeBegin: (path) => files.writeBegin(path),
    writeChunk: (handle, chunk) => files.writeChunk(handle, chunk),
    writeCommit: (handle) => files.writeCommit(handle),
    writeAbort: (handle) => files.writeAbort(handle),
    places: () => Promise.resolve({ cases: homedir(), sample: '' }),
  } satisfies Partial<HostApi>;
}

/** Settings and recent cases. What was opened before may be read again. */
function userMethods(userDir: string, files: HostFiles) {
  const settings = new JsonFile(join(userDir, 'settings.json'), (v) => settingsSchema.parse(v), {});
  const recents = new JsonFile<RecentCase[]>(
    join(userDir, 'recents.json'),
    (v) => recentsSchema.parse(v),
    [],
  );
  files.grant(recents.read().map(({ path }) => path));
  return {
    readSetting: (key) => Promise.resolve(settings.read()[key] ?? null),
    writeSetting: async (key, value) => settings.write({ ...settings.read(), [key]: value }),
    recents: () => Promise.resolve(recents.read()),
    addRecent: async (recent) => {
      const others = recents.read().filter(({ path }) => path !== recent.path);
      recents.write([recent, ...others].slice(0, MAX_RECENTS));
    },
    removeRecent: async (path) => recents.write(recents.read().filter((r) => r.path !== path)),
  } satisfies Partial<HostApi>;
}

function backendMethods(options: NodeHostOptions, receiver: ReceiverDesk) {
  const secrets = options.secrets ?? memorySecrets();
  const connections = new HostConnections(options.userDir, secrets, options.makeUpstream);
  return {
    connections: () => Promise.resolve(connections.list()),
    saveConnection: (connection, credentials) => connections.save(connection, credentials),
    removeConnection: (id) => connections.remove(id),
    upstream: (request) => connections.send(request),
    upstreamAbort: async (id) => connections.abort(id),
    receiverStart: (options) => receiver.start(options),
    receiverAck: async (id, answer) => receiver.ack(id, answer),
    receiverStop: () => receiver.stop(),
  } satisfies Partial<HostApi>;
}

// The face for Electron's main, which needs neither the native engine nor undici.
export { nodeClient } from './http-node';
export { startReceiver } from './receiver';
export { plainHeaders, readBody } from './http-client';
export type { HttpClient, HttpClientOptions, HttpRequest } from './http-client';
export { withBuckets } from './bucket-upstream';
export { upstreamOver } from './upstream';
export type { SecretStore } from './host-connections';
export { fileRef } from './file-ref';
export { JsonFile, userDir } from './user-files';
