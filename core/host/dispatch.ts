import { z } from 'zod';
import { FaultlineError, fromWire, toWire, type WireError } from '../base';
import type { HostApi, HostBridge, HostMethod } from './api';
import { connectionSchema, credentialsSchema } from './connection';

const path = z.string().min(1).max(4096);
const bytes = z.instanceof(Uint8Array);
const count = z.number().int().nonnegative();
const recent = z.object({
  path,
  name: z.string(),
  size: z.number(),
  openedAt: z.number(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  shape: z.array(z.number()).max(100),
  cause: z.string(),
  confidence: z.number().nullable(),
  marks: z.array(z.object({ key: z.string().max(40), weight: z.number() })).max(400),
});
const request = z.object({
  connectionId: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string().startsWith('/'),
  query: z.array(z.tuple([z.string(), z.string()])).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.union([z.string(), bytes]).optional(),
  requestId: z.string(),
});

/** The arguments of every method: what is not listed can't be called, what doesn't fit is refused. */
const HOST_METHODS = {
  info: z.tuple([]),
  pickOpen: z.tuple([
    z.object({ title: z.string(), multiple: z.boolean(), directories: z.boolean() }),
  ]),
  pickSave: z.tuple([z.object({ title: z.string(), name: z.string() })]),
  confirmClose: z.tuple([z.string()]),
  browse: z.tuple([z.string().max(4096)]),
  choosePaths: z.tuple([z.array(path).max(10_000)]),
  stat: z.tuple([path]),
  list: z.tuple([path]),
  read: z.tuple([path, count, count.max(64 << 20)]),
  writeBegin: z.tuple([path]),
  writeChunk: z.tuple([count, bytes]),
  writeCommit: z.tuple([count]),
  writeAbort: z.tuple([count]),
  places: z.tuple([]),
  readSetting: z.tuple([z.string().max(200)]),
  writeSetting: z.tuple([z.string().max(200), z.string().max(1 << 20)]),
  recents: z.tuple([]),
  addRecent: z.tuple([recent]),
  removeRecent: z.tuple([path]),
  connections: z.tuple([]),
  saveConnection: z.tuple([connectionSchema, credentialsSchema.nullable()]),
  removeConnection: z.tuple([z.string()]),
  upstream: z.tuple([request]),
  upstreamAbort: z.tuple([z.string()]),
  receiverStart: z.tuple([
    z.object({ http: z.string(), grpc: z.string(), webhooks: z.array(z.string()) }),
  ]),
  receiverAck: z.tuple([
    count,
    z.object({
      dropped: count,
      refused: z.object({ message: z.string(), retryable: z.boolean() }).optional(),
    }),
  ]),
  receiverStop: z.tuple([]),
  showState: z.tuple([
    z.object({ title: z.string(), dirty: z.boolean(), path: z.string().nullable() }),
  ]),
  ready: z.tuple([]),
  closeWindow: z.tuple([]),
} as const satisfies Record<HostMethod, z.ZodType<readonly unknown[]>>;

/** An answer on the wire: Electron and WebSocket alike, because Electron keeps only an error's message. */
export type HostAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: WireError };

function isHostMethod(name: unknown): name is HostMethod {
  return typeof name === 'string' && Object.hasOwn(HOST_METHODS, name);
}

/** Calls a method of the host for a page: only listed methods, only arguments that fit. Never throws. */
export async function dispatch(host: HostApi, method: unknown, args: unknown): Promise<HostAnswer> {
  try {
    if (!isHostMethod(method)) {
      throw new FaultlineError('host/denied', `The host has no method "${String(method)}".`);
    }
    const parsed = HOST_METHODS[method].safeParse(args);
    if (!parsed.success) {
      throw new FaultlineError('host/denied', `These arguments do not fit ${method}.`);
    }
    const call = host[method] as (...all: readonly unknown[]) => Promise<unknown>;
    return { ok: true, value: await call.apply(host, [...parsed.data]) };
  } catch (error) {
    const { stack: _stack, ...wire } = toWire(error);
    return { ok: false, error: wire };
  }
}

/** The host as an object, for who has a bridge to it. */
export function createHostClient(bridge: HostBridge): HostApi {
  const methods = Object.keys(HOST_METHODS).map((method) => [
    method,
    async (...args: readonly unknown[]) => {
      const answer = (await bridge.call(method as HostMethod, args)) as HostAnswer;
      if (answer.ok) return answer.value;
      throw fromWire(answer.error);
    },
  ]);
  return Object.fromEntries(methods) as HostApi;
}
