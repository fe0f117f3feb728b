import * as Comlink from 'comlink';
import { analyze, askSeries, type FetchFrames } from '../../core/analysis';
import type { AnalysisService } from './analysis-service';
import './rpc';

const running = new Map<number, AbortController>();

async function cancellable<T>(run: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  running.set(run, controller);
  try {
    return await work(controller.signal);
  } finally {
    running.delete(run);
  }
}

// Comlink's proxy of a generic function loses its type parameter, not its behaviour.
const service: AnalysisService = {
  analyze: (run, fetch, options, onProgress) =>
    cancellable(run, (signal) =>
      analyze(fetch as FetchFrames, { ...options, signal, onProgress: onProgress }),
    ),
  askSeries: (run, fetch, question, onProgress) =>
    cancellable(run, (signal) =>
      askSeries(fetch as FetchFrames, question, { signal, onProgress: onProgress }),
    ),
  abort: (run) => running.get(run)?.abort(),
};

Comlink.expose(service);
