import * as Comlink from 'comlink';
import { FaultlineError, fromWire, toWire, type WireError } from '../../core/base';

/**
 * Comlink, made to keep our errors whole: stock Comlink passes name, message and stack only.
 * Import this file in every thread that speaks Comlink.
 */
const stock = Comlink.transferHandlers.get('throw');
if (stock) {
  Comlink.transferHandlers.set('throw', {
    canHandle: stock.canHandle.bind(stock),
    serialize: (thrown: { value: unknown }) => [toWire(thrown.value), []],
    deserialize: (wire: WireError) => {
      throw fromWire(wire);
    },
  });
}

export interface Spawned<T> {
  readonly remote: T;
  readonly dispose: () => void;
}

type Callable = (...args: unknown[]) => Promise<unknown>;

/**
 * A worker's methods, each raced against the worker's death: a Comlink call into a dead worker would
 * never settle.
 */
export function spawn<T extends object>(worker: Worker, what: string): Spawned<T> {
  let die: (error: FaultlineError) => void = () => undefined;
  const death = new Promise<never>((_, reject) => {
    die = reject;
  });
  death.catch(() => undefined);
  worker.addEventListener('error', (event) => {
    const detail = { message: event.message };
    die(new FaultlineError('engine/dead', `The ${what} stopped: ${event.message}`, { detail }));
  });
  const wrapped = Comlink.wrap<Record<string, Callable>>(worker);
  const remote = new Proxy({} as T, {
    get: (_, name) => {
      // A promise must not take the proxy for a thenable.
      if (typeof name !== 'string' || name === 'then') return undefined;
      return (...args: unknown[]) => Promise.race([wrapped[name]?.(...args), death]);
    },
  });
  return {
    remote,
    dispose: () => {
      die(new FaultlineError('engine/dead', `The ${what} was ended.`));
      wrapped[Comlink.releaseProxy]();
      worker.terminate();
    },
  };
}
