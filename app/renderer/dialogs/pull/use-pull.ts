import { useState } from 'react';
import { asFaultlineError, isCancelled } from '../../../../core/base';
import type { PullOptions } from '../../../../core/session';
import type { SourceInfo } from '../../../../core/store';
import { addingSources, attempt, openDialog, removeSource, useApp, workbench } from '../../state';

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
  /** With `ring` it is followed, and so many rows are kept. */
  readonly start: (ask: PullOptions, ring?: number) => void;
  readonly resume: (sourceId: number) => void;
  readonly discard: (sourceId: number) => void;
  /** To the question, as it was asked. */
  readonly back: () => void;
}

function stopped(error: unknown, partial: SourceInfo | undefined): PullState {
  const { message } = asFaultlineError(error);
  return { kind: 'stopped', message, cancelled: isCancelled(error), partial };
}

/** The status bar shows it and has its stop; the dialog has done its part. */
function follow({ newCase, ...ask }: PullOptions, ring: number): void {
  openDialog(undefined);
  attempt('It could not be followed', async () => {
    if (newCase !== undefined) await workbench().newCase(newCase);
    await workbench().follow({ ...ask, ring });
  });
}

/** One pull: started, resumed, discarded. */
export function usePull(): Pulling {
  const [state, setState] = useState<PullState>();
  const run = async (work: () => Promise<unknown>, intoNew = false): Promise<void> => {
    const before = useApp.getState().info?.id;
    setState({ kind: 'running' });
    try {
      await addingSources(work);
      setState({ kind: 'done', source: newestSource('complete') });
    } catch (error) {
      // Where the new case was never opened, its pull has left nothing; what is partial is of another pull.
      const nothing = intoNew && useApp.getState().info?.id === before;
      setState(stopped(error, nothing ? undefined : newestSource('partial')));
    }
  };
  const start = (ask: PullOptions, ring?: number): void => {
    if (ring !== undefined) return follow(ask, ring);
    void run(() => workbench().pull(ask), ask.newCase !== undefined);
  };
  const resume = (sourceId: number): void => void run(() => workbench().resumePull(sourceId));
  const discard = (sourceId: number): void =>
    void removeSource(sourceId, 'What had been pulled').then(
      () => setState(undefined),
      (error: unknown) => setState(stopped(error, newestSource('partial'))),
    );
  return { state, start, resume, discard, back: () => setState(undefined) };
}
