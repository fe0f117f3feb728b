import * as Comlink from 'comlink';
import { connectors, decodeAlertWebhook, decodeOtlp, formats } from '../../connectors';
import type { Analyze } from '../../core/analysis';
import { FaultlineError, throwIfAborted } from '../../core/base';
import type { HostApi } from '../../core/host';
import { transferables } from '../../core/model';
import { WorkbenchSession, deliveryDecoder } from '../../core/session';
import type { AnalysisService } from './analysis-service';
import { opfsCopies } from './opfs-copies';
import { spawn, type Spawned } from './rpc';

let analysis: Spawned<AnalysisService> | undefined;

/** Runs an analysis in its own thread; a cancelled run ends there, too. */
const analyze: Analyze = async (fetch, { request, entities, signal, onProgress }) => {
  analysis ??= spawn<AnalysisService>(
    new Worker(new URL('./analysis.worker.ts', import.meta.url), { type: 'module' }),
    'analysis worker',
  );
  const { remote } = analysis;
  const abort = (): void => void remote.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    throwIfAborted(signal);
    return await remote.analyze(
      Comlink.proxy(async (call) => {
        const frame = await fetch(call);
        return Comlink.transfer(frame, transferables(frame));
      }),
      { request, entities },
      Comlink.proxy((progress) => onProgress?.(progress)),
    );
  } finally {
    signal?.removeEventListener('abort', abort);
  }
};

let session: WorkbenchSession | undefined;

/** The page hands over its end of the host before anything else. */
function boot(hostPort: MessagePort): void {
  session = new WorkbenchSession({
    host: Comlink.wrap<HostApi>(hostPort),
    copies: opfsCopies(),
    connectors,
    formats,
    analyze,
    decode: deliveryDecoder({ otlp: decodeOtlp, alerts: decodeAlertWebhook }),
    now: () => BigInt(Date.now()) * 1_000_000n,
    newId: () => crypto.randomUUID(),
  });
}

const run: WorkbenchSession['run'] = async (call) => {
  const frame = await mustBeBooted().run(call);
  return Comlink.transfer(frame, transferables(frame));
};

function mustBeBooted(): WorkbenchSession {
  if (session) return session;
  throw new FaultlineError('internal', 'The data worker was used before it was started.');
}

/** Flat, so that the page can race every call against this worker's death. */
const service = new Proxy<Record<string, unknown>>(
  {},
  {
    get: (_, name) => {
      if (name === 'boot') return boot;
      if (name === 'run') return run;
      const target = mustBeBooted();
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : undefined;
    },
  },
);

Comlink.expose(service);
