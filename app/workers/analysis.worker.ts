import * as Comlink from 'comlink';
import { analyze, type FetchFrames } from '../../core/analysis';
import type { AnalysisService } from './analysis-service';
import './rpc';

let controller: AbortController | undefined;

const service: AnalysisService = {
  analyze: (fetch, options, onProgress) => {
    controller = new AbortController();
    // Comlink's proxy of a generic function loses its type parameter, not its behaviour.
    return analyze(fetch as FetchFrames, {
      ...options,
      signal: controller.signal,
      onProgress: onProgress,
    });
  },
  abort: () => {
    controller?.abort();
  },
};

Comlink.expose(service);
