import { useState } from 'react';
import { asFaultlineError, isCancelled, type TimeWindow } from '../../../../core/base';
import type { SourceInfo } from '../../../../core/store';
import { newCase, useApp, workbench } from '../../state';

export interface PullAsk {
  readonly connectionId: string;
  readonly windows: readonly TimeWindow[];
  readonly select: readonly string[] | undefined;
  readonly budget: number;
  /** Name of a new case; undefined for the open one. */
  readonly newName: string | undefined;
}

export type PullState =
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly source: SourceInfo | undefined }
  /** It broke off: with a partial source it can be resumed. */
  | {
      readonly kind: 'stopped';
      readonly message: string;
      readonly cancelled: boolean;
      readonly partial: SourceInfo | undefined;
    };

/** The source that was begun last, of those in a state. */
function newestSource(state: SourceInfo['state']): SourceInfo | undefined {
  const sources = useApp.getState().info?.facts.sources ?? [];
  return sources.reduce<SourceInfo | undefined>(
    (newest, source) =>
      source.state === state && source.sourceId > (newest?.sourceId ?? -1) ? source : newest,
    undefined,
  );
}

export interface Pulling {
  readonly state: PullState | undefined;
  readonly start: (ask: PullAsk) => void;
  readonly resume: (sourceId: number) => void;
  readonly discard: (sourceId: number) => void;
}

/** One pull: started, resumed, discarded. */
export function usePull(): Pulling {
  const [state, setState] = useState<PullState>();
  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setState({ kind: 'running' });
    try {
      await work();
      setState({ kind: 'done', source: newestSource('complete') });
    } catch (error) {
      const { message } = asFaultlineError(error);
      const cancelled = isCancelled(error);
      setState({ kind: 'stopped', message, cancelled, partial: newestSource('partial') });
    }
  };
  const start = ({ connectionId, windows, select, budget, newName }: PullAsk): void =>
    void run(async () => {
      if (newName !== undefined) await newCase(newName);
      try {
        await workbench().pull({ connectionId, windows, select, budget });
      } catch (error) {
        // A new case that nothing came into is none.
        const { info } = useApp.getState();
        const empty = info?.facts.sources.every(({ rows }) => rows === 0) ?? false;
        if (newName !== undefined && empty) await workbench().closeCase();
        throw error;
      }
    });
  const resume = (sourceId: number): void => void run(() => workbench().resumePull(sourceId));
  const discard = (sourceId: number): void =>
    void workbench()
      .removeSource(sourceId)
      .then(
        () => setState(undefined),
        (error: unknown) => {
          const { message } = asFaultlineError(error);
          setState({
            kind: 'stopped',
            message,
            cancelled: false,
            partial: newestSource('partial'),
          });
        },
      );
  return { state, start, resume, discard };
}
