import type { Mark } from '../model';
import type { Connection, Credentials } from './connection';

/**
 * What a shell gives the workbench: one table of methods, the same in Electron (IPC) and in the browser
 * host (WebSocket). Values are structured-cloneable. Secrets go in and never come out.
 */
export interface FileRef {
  /** Host-side handle of a file: an absolute path. */
  readonly path: string;
  readonly name: string;
  readonly size: number;
  /** When it was last changed, milliseconds since the epoch, where that is known. */
  readonly modifiedMs?: number;
  readonly isDirectory: boolean;
}

/** One folder as our own file dialog shows it. */
export interface Folder {
  /** Absolute. */
  readonly path: string;
  /** The folder above; null at the top. */
  readonly parent: string | null;
  /** Direct entries without hidden ones, folders first, by name. */
  readonly entries: readonly FileRef[];
  /** Entries that are there but not listed, because the folder holds too many. */
  readonly left: number;
}

export type HostCapability =
  'native-dialog' | 'native-menu' | 'keychain' | 'reveal-file' | 'path-access';

export interface HostInfo {
  readonly kind: 'electron' | 'browser' | 'test';
  readonly version: string;
  readonly platform: string;
  readonly can: readonly HostCapability[];
}

export interface RecentCase {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** Window of the case in ms, its shape (up to 40 values 0–1) and top cause, for the start screen. */
  readonly from: number | null;
  readonly to: number | null;
  readonly shape: readonly number[];
  readonly cause: string;
  readonly confidence: number | null;
  /** What it looked like, to find it again when something like it comes. */
  readonly marks: readonly Mark[];
}

export interface HostRequest {
  readonly connectionId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For cancelling: `upstreamAbort(requestId)`. */
  readonly requestId: string;
}

export interface HostResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** What the receiver heard: an OTLP export request, or JSON posted to /webhook/NAME. */
export type Heard = (
  | {
      readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
      readonly signal: OtlpSignal;
    }
  | { readonly protocol: 'webhook'; readonly name: string }
) & {
  /** Decompressed. */
  readonly body: Uint8Array;
};

/** One delivery that the receiver heard; answered after `receiverAck`. */
export type Delivery = Heard & { readonly id: number };

/** What the sender of a delivery is told. */
export interface DeliveryAnswer {
  /** Records that could not be taken over; the others are committed. */
  readonly dropped: number;
  /** Why they could not; where it is known. */
  readonly why?: string;
  /** Why nothing was taken: for good (damaged data), or for now, so that the sender keeps it. */
  readonly refused?: { readonly message: string; readonly retryable: boolean };
}

export interface ReceiverAddresses {
  readonly http: string;
  readonly grpc: string;
}

export type HostEvent =
  | { readonly kind: 'command'; readonly command: ShellCommand }
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'disconnected' };

/** What a menu, a second instance, a file association or the command line asks of the workbench. */
export type ShellCommand =
  | { readonly id: 'open-paths'; readonly paths: readonly string[] }
  | {
      readonly id:
        'new' | 'open' | 'save' | 'save-as' | 'close' | 'import' | 'pull' | 'palette' | 'shortcuts';
    }
  /** The window is to close: the workbench asks about unsaved changes, then calls `closeWindow`. */
  | { readonly id: 'close-window' }
  | { readonly id: 'theme'; readonly theme: 'dark' | 'light' | 'system' };

export interface HostApi {
  info(): Promise<HostInfo>;

  /** Native dialogs, where 'native-dialog' is among the capabilities. Empty where cancelled. */
  pickOpen(options: {
    readonly title: string;
    readonly multiple: boolean;
    readonly directories: boolean;
  }): Promise<readonly FileRef[]>;
  pickSave(options: { readonly title: string; readonly name: string }): Promise<string | null>;
  /** Asks "save changes?" natively: 'save' | 'discard' | 'cancel'. */
  confirmClose(name: string): Promise<'save' | 'discard' | 'cancel'>;

  /**
   * For our own file dialog, where there is no native one; elsewhere 'host/denied'. '' is where cases
   * lie, '~' the home folder. 'not-found' where there is no such folder.
   */
  browse(path: string): Promise<Folder>;
  /** What a person chose in our own file dialog: from now on it may be read, and written to as a case. */
  choosePaths(paths: readonly string[]): Promise<readonly FileRef[]>;

  stat(path: string): Promise<FileRef | null>;
  /** Files below a folder (recursive, no links), or the file itself. */
  list(path: string): Promise<readonly FileRef[]>;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Atomic write: chunks go to a temporary file beside the target, `writeCommit` renames it. */
  writeBegin(path: string): Promise<number>;
  writeChunk(handle: number, chunk: Uint8Array): Promise<void>;
  writeCommit(handle: number): Promise<FileRef>;
  writeAbort(handle: number): Promise<void>;
  /** Default folder for cases, and the bundled sample's path. */
  places(): Promise<{ readonly cases: string; readonly sample: string }>;

  readSetting(key: string): Promise<string | null>;
  writeSetting(key: string, value: string): Promise<void>;
  recents(): Promise<readonly RecentCase[]>;
  addRecent(recent: RecentCase): Promise<void>;
  removeRecent(path: string): Promise<void>;

  connections(): Promise<readonly Connection[]>;
  /** Stores the connection; credentials only in memory or the keychain, never beside it in clear. */
  saveConnection(connection: Connection, credentials: Credentials | null): Promise<void>;
  removeConnection(id: string): Promise<void>;

  upstream(request: HostRequest): Promise<HostResponse>;
  upstreamAbort(requestId: string): Promise<void>;

  receiverStart(options: {
    readonly http: string;
    readonly grpc: string;
    /** Names NAME under which something may be posted to /webhook/NAME. */
    readonly webhooks: readonly string[];
  }): Promise<ReceiverAddresses>;
  /** Answers the sender; a success only after the commit. */
  receiverAck(id: number, answer: DeliveryAnswer): Promise<void>;
  receiverStop(): Promise<void>;

  /** Window title, unsaved mark and progress, where the shell can show them. */
  showState(state: {
    readonly title: string;
    readonly dirty: boolean;
    readonly path: string | null;
  }): Promise<void>;
  /** Commands that came before the workbench listened (files given at start). */
  ready(): Promise<readonly ShellCommand[]>;
  /** Closes the window although there are changes: the workbench has asked. */
  closeWindow(): Promise<void>;
}

export type HostMethod = keyof HostApi;

/** The workbench's end of the bridge, as preload and WebSocket client both offer it. */
export interface HostBridge {
  call(method: HostMethod, args: readonly unknown[]): Promise<unknown>;
  /** Returns a function that ends the subscription. */
  onEvent(listener: (event: HostEvent) => void): () => void;
}
