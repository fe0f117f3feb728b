import { useEffect, useRef, useState } from 'react';
import {
  FaultlineError,
  asFaultlineError,
  isCancelled,
  msToNs,
  type TimeWindow,
} from '../../../../core/base';
import type { Preview, PreviewBy } from '../../../../core/connect';
import { track, useApp, workbench } from '../../state';
import type { Counted } from './question';
import { baselineOf, typedWindow } from './request';
import type { Backend } from './use-backend';
import type { Asking } from './use-question';

/** A time is typed in several strokes, and a selection made in several clicks. */
const PAUSE_MS = 600;

export interface Previewed {
  readonly preview: Preview;
  /** The first of what was asked about; the others are to compare with. */
  readonly window: TimeWindow;
}

export interface Previewing {
  /** The backend answers, and can count over time. */
  readonly ready: boolean;
  readonly asking: boolean;
  /** What came last; while the next is asked it is of what was asked before. */
  readonly previewed: Previewed | undefined;
  /** '' where it was cancelled. */
  readonly failure: string | undefined;
  readonly again: () => void;
}

/** Ends a preview that nobody waits for any more. */
function endRunning(): void {
  for (const { kind, state, id } of useApp.getState().jobs) {
    if (kind === 'preview' && state === 'running') void workbench().cancelJob(id);
  }
}

/**
 * What was chosen, as ids, so that nothing else is looked into; it still holds for a time inside the one that it was
 * counted in. Undefined for what the backend itself would choose.
 */
function useSelected(
  { question, window }: Asking,
  connectionId: string,
): readonly string[] | undefined {
  const { counted, chosen, baselines } = question;
  const [last, setLast] = useState<Counted>();
  if (counted && counted !== last) setLast(counted);
  const known = counted ?? last;
  const [whole] = known?.connectionId === connectionId ? known.windows : [];
  if (!question.reached || !whole || chosen.size === 0 || typeof window === 'string')
    return undefined;
  const inside = window.from >= whole.from && window.to <= whole.to && baselines.size === 0;
  return counted || inside ? [...chosen] : undefined;
}

/** A preview of what is asked for, a moment after the last change to it. */
export function usePreview(backend: Backend, asking: Asking, by: PreviewBy): Previewing {
  const { form, connector, tested } = backend;
  const { question, window } = asking;
  const [previewed, setPreviewed] = useState<Previewed & { readonly key: string }>();
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [turn, setTurn] = useState(0);
  const answers = tested?.kind === 'found' || question.reached;
  const ready = (connector?.previewBy.includes(by) ?? false) && answers && form.id !== '';
  const askable = ready && typeof window !== 'string';
  const { text, baselines } = question;
  const select = useSelected(asking, form.id);
  const key = JSON.stringify([form.id, text, [...baselines], by, select, turn]);
  const latest = useRef<() => Promise<Previewed>>(undefined);
  useEffect(() => {
    latest.current = async () => {
      const main = typedWindow(text.from, text.to, msToNs(Date.now()));
      if (typeof main === 'string') throw new FaultlineError('usage', main);
      const windows = [main, ...[...baselines].map((one) => baselineOf(main, one))];
      const preview = await track(workbench().preview(form.id, { windows, select, by }));
      return { preview, window: main };
    };
  });
  useEffect(() => {
    // Another backend, or this one under other settings.
    if (!ready) setPreviewed(undefined);
  }, [ready]);
  useEffect(() => {
    if (!askable) return;
    let wanted = true;
    const ask = async (): Promise<void> => {
      setRunning(true);
      setFailure(undefined);
      try {
        const came = await latest.current?.();
        if (wanted) setPreviewed(came && { ...came, key });
      } catch (error) {
        if (wanted) setFailure(isCancelled(error) ? '' : asFaultlineError(error).message);
      } finally {
        if (wanted) setRunning(false);
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
      setRunning(false);
      endRunning();
    };
  }, [key, askable]);
  return {
    ready,
    asking: running || (askable && previewed?.key !== key),
    previewed,
    failure,
    again: () => setTurn((before) => before + 1),
  };
}
