import * as Comlink from 'comlink';
import type { HostApi, HostEvent } from '../../core/host';
import type { Workbench } from '../../core/session';
import { spawn } from './rpc';

interface DataService extends Workbench {
  boot(hostPort: MessagePort): Promise<void>;
  deliver(delivery: Extract<HostEvent, { kind: 'delivery' }>['delivery']): Promise<void>;
}

export interface RunningWorkbench {
  readonly workbench: Workbench;
  /** Hands the worker what the host's receiver heard. */
  onHostEvent(event: HostEvent): void;
  readonly dispose: () => void;
}

/** Starts the data worker on a host. The workbench's methods reject with FaultlineErrors. */
export async function startWorkbench(host: HostApi): Promise<RunningWorkbench> {
  const worker = new Worker(new URL('./data.worker.ts', import.meta.url), { type: 'module' });
  const { remote, dispose } = spawn<DataService>(worker, 'data worker');
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(host, port1);
  await remote.boot(Comlink.transfer(port2, [port2]));
  const workbench: Workbench = new Proxy(remote, {
    get: (target, name) => {
      if (name === 'subscribe') {
        return (listener: Parameters<Workbench['subscribe']>[0]) =>
          target.subscribe(Comlink.proxy(listener));
      }
      return Reflect.get(target, name) as unknown;
    },
  });
  return {
    workbench,
    onHostEvent: (event) => {
      if (event.kind === 'delivery') void remote.deliver(event.delivery).catch(() => undefined);
    },
    dispose,
  };
}
