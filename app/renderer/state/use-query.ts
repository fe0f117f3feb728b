import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { asFaultlineError, isCancelled, type FaultlineError } from '../../../core/base';
import type {
  AnalysisResult,
  ExplainRequest,
  Explanation,
  Frame,
  FrameSpec,
  QueryCall,
} from '../../../core/model';
import type { ClockReport, SimilarCase } from '../../../core/session';
import { track } from './idle';
import { workbench } from './services';
import { useApp } from './store';

export interface QueryState<T> {
  /** The newest answer; while the next one is loading, the one before: nothing jumps. */
  readonly data: T | undefined;
  readonly loading: boolean;
  readonly error: FaultlineError | undefined;
}

const KEPT = 200;
const cache = new Map<string, Promise<unknown>>();

function remember<T>(key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) {
    cache.delete(key);
    cache.set(key, known);
    return known as Promise<T>;
  }
  const made = track(make());
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  const oldest = cache.keys().next().value;
  if (cache.size > KEPT && oldest !== undefined) cache.delete(oldest);
  return made;
}

const keyOf = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

/** A named query's answer, kept per data version. Pass undefined to ask nothing. */
export function runQuery<S extends FrameSpec>(call: QueryCall<S>): Promise<Frame<S>> {
  const { dataVersion, info } = useApp.getState();
  return remember(`${info?.id} ${dataVersion} ${keyOf(call)}`, () => workbench().run(call));
}

/** Asks a named query again whenever it, its parameters or the data change. */
export function useQuery<S extends FrameSpec>(
  call: QueryCall<S> | undefined,
): QueryState<Frame<S>> {
  return useAsync(call && keyOf(call), () => runQuery(call as QueryCall<S>));
}

/**
 * Any asynchronous answer about the open case, asked again when `key` or the data change; undefined asks
 * nothing. Late answers of an older question are dropped.
 */
export function useAsync<T>(key: string | undefined, ask: () => Promise<T>): QueryState<T> {
  const dataVersion = useApp((state) => state.dataVersion);
  const caseId = useApp((state) => state.info?.id);
  const [state, setState] = useState<QueryState<T>>({
    data: undefined,
    loading: key !== undefined,
    error: undefined,
  });
  const newest = useRef(ask);
  useLayoutEffect(() => {
    newest.current = ask;
  });
  useEffect(() => {
    if (key === undefined || caseId === undefined) {
      setState({ data: undefined, loading: false, error: undefined });
      return;
    }
    let current = true;
    setState((before) => ({ ...before, loading: true }));
    newest.current().then(
      (data) => current && setState({ data, loading: false, error: undefined }),
      (error: unknown) => {
        if (!current || isCancelled(error)) return;
        setState({ data: undefined, loading: false, error: asFaultlineError(error) });
      },
    );
    return () => {
      current = false;
    };
  }, [key, dataVersion, caseId]);
  return state;
}

/** What differs between two selections, kept per data version; undefined asks nothing. */
export function useExplanation(request: ExplainRequest | undefined): QueryState<Explanation> {
  const key = request && `explain ${keyOf(request)}`;
  return useAsync(key, () => {
    const { dataVersion, info } = useApp.getState();
    const asked = request as ExplainRequest;
    return remember(`${info?.id} ${dataVersion} ${key}`, () => workbench().explain(asked));
  });
}

/** How far the clocks of the sources are apart: by their rows, so it stays while these are shown on other clocks. */
export function useClockReport(): QueryState<ClockReport> {
  const version = useApp((state) => state.dataVersion.split(' ')[0]);
  const id = useApp((state) => state.info?.id);
  return useAsync('clocks', () => remember(`${id} ${version} clocks`, () => workbench().clocks()));
}

/** Recent cases that look like the open one, compared anew for every analysis; undefined asks nothing. */
export function useSimilar(
  analysis: AnalysisResult | undefined,
): QueryState<readonly SimilarCase[]> {
  // Where it is saved decides which of the recent cases is this one.
  const path = useApp((state) => state.info?.path);
  const key = useMemo(
    () =>
      analysis &&
      `similar ${keyOf([path, analysis.incident, analysis.baseline, analysis.ranking])}`,
    [path, analysis],
  );
  return useAsync(key, () => track(workbench().similar()));
}
