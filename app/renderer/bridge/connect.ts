import { FaultlineError } from '../../../core/base';
import {
  createHostClient,
  decodeMessage,
  encodeMessage,
  type HostApi,
  type HostBridge,
  type HostEvent,
} from '../../../core/host';

declare global {
  interface Window {
    /** Electron's preload offers it. */
    readonly faultlineHost?: HostBridge;
  }
}

export interface HostConnection {
  readonly host: HostApi;
  onEvent(listener: (event: HostEvent) => void): () => void;
}

/** The host of this page: Electron's bridge where there is one, else the browser host's WebSocket. */
export async function connectHost(): Promise<HostConnection> {
  const bridge = window.faultlineHost ?? (await webSocketBridge());
  return { host: createHostClient(bridge), onEvent: (listener) => bridge.onEvent(listener) };
}

const TOKEN = 'faultline-token';

/** The token comes in the fragment once, and is kept for reloads of this tab only. */
function takeToken(): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('t');
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, '', location.pathname);
  }
  return given ?? sessionStorage.getItem(TOKEN) ?? '';
}

/** A new address in the same tab differs in its fragment only, which loads nothing by itself. */
function reloadOnNewToken(): void {
  window.addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('t')) location.reload();
  });
}

async function webSocketBridge(): Promise<HostBridge> {
  reloadOnNewToken();
  const token = takeToken();
  const socket = new WebSocket(`ws://${location.host}/rpc`, ['faultline.v1', `t.${token}`]);
  socket.binaryType = 'arraybuffer';
  const waiting = new Map<number, (answer: unknown) => void>();
  const listeners = new Set<(event: HostEvent) => void>();
  let calls = 0;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(refused()), { once: true });
  });
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const message = decodeMessage(typeof data === 'string' ? data : new Uint8Array(data)) as
      { readonly event: HostEvent } | { readonly id: number; readonly answer: unknown };
    if ('event' in message) {
      for (const listener of listeners) listener(message.event);
      return;
    }
    waiting.get(message.id)?.(message.answer);
    waiting.delete(message.id);
  });
  socket.addEventListener('close', () => {
    const error = { code: 'host/unavailable', message: GONE, retryable: false };
    for (const settle of waiting.values()) settle({ ok: false, error });
    waiting.clear();
    for (const listener of listeners) listener({ kind: 'disconnected' });
  });
  return {
    call: (method, args) => {
      if (socket.readyState !== WebSocket.OPEN) {
        return Promise.resolve({
          ok: false,
          error: { code: 'host/unavailable', message: GONE, retryable: false },
        });
      }
      const id = ++calls;
      socket.send(encodeMessage({ id, method, args }) as string | Uint8Array<ArrayBuffer>);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const GONE =
  'The program behind this page has ended. Start Faultline again and open the address that it prints; ' +
  'what was open is kept and can be recovered.';

function refused(): FaultlineError {
  const why = 'This page was not let in. Open the address that Faultline printed when it started.';
  return new FaultlineError('host/denied', why);
}
