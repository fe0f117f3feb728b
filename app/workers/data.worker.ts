import * as Comlink from 'comlink';
import { connectors, decoders, formats } from '../../connectors';
import type { Analyze, AskSeries, FetchFrames } from '../../core/analysis';
import { FaultlineError, throwIfAborted } from '../../core/base';
import type { HostApi } from '../../core/host';
import { transferables } from '../../core/model';
import { WorkbenchSession } from '../../core/session';
import type { AnalysisService } from './analysis-service';
import { opfsCopies } from './opfs-copies';
import { spawn, type Spawned } from './rpc';

let analysis: Spawned<AnalysisService> | undefined;
let runs = 0;

type Fetch = Parameters<AnalysisService['analyze']>[1];

/** Runs something in the analysis' own thread; a cancelled run ends there, too. */
async function inWorker<T>(
  fetch: FetchFrames,
  signal: AbortSignal | undefined,
  work: (service: AnalysisService, run: number, fetch: Fetch) => Promise<T>,
): Promise<T> {
  analysis ??= spawn<AnalysisService>(
    new Worker(new URL('./analysis.worker.ts', import.meta.url), { type: 'module' }),
    'analysis worker',
  );
  const { remote } = analysis;
  const run = ++runs;
  const abort = (): void => void remote.abort(run);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    throwIfAborted(signal);
    const transferring: Fetch = async (call) => {
      const frame = await fetch(call);
      return Comlink.transfer(frame, transferables(frame));
    };
    return await work(remote, run, Comlink.proxy(transferring));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

const analyze: Analyze = (fetch, { request, entities, signal, onProgress }) =>
  inWorker(fetch, signal, (service, run, frames) =>
    service.analyze(
      run,
      frames,
      { request, entities },
      Comlink.proxy((progress) => onProgress?.(progress)),
    ),
  );

const askSeries: AskSeries = (fetch, question, { signal, onProgress } = {}) =>
  inWorker(fetch, signal, (service, run, frames) =>
    service.askSeries(
      run,
      frames,
      question,
      Comlink.proxy((progress) => onProgress?.(progress)),
    ),
  );

let session: WorkbenchSession | undefined;

/** The page hands over its end of the host before anything else. */
function boot(hostPort: MessagePort): void {
  session = new WorkbenchSession({
    host: Comlink.wrap<HostApi>(hostPort),
    copies: opfsCopies(),
    connectors,
    formats,
    analyze,
    askSeries,
    decoders,
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
