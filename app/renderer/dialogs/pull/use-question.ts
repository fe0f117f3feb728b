import { useReducer } from 'react';
import { asFaultlineError, isCancelled, msToNs, type TimeWindow } from '../../../../core/base';
import { track, workbench } from '../../state';
import { firstQuestion, nextQuestion, type Question, type Step } from './question';
import { baselineOf, typedWindow } from './request';
import type { Backend } from './use-backend';
import { textOf } from './window-form';

const nowNs = (): bigint => msToNs(Date.now());

export interface Asking {
  readonly question: Question;
  readonly step: (step: Step) => void;
  /** What the typed time means now, or what is wrong with it. */
  readonly window: TimeWindow | string;
  /** Asks the backend what it has in this time, before anything is pulled. */
  readonly count: () => Promise<void>;
}

/** The question of the pull dialog; what was counted holds for the backend that it was counted on. */
export function useQuestion(given: TimeWindow | undefined, backend: Backend): Asking {
  const [asked, step] = useReducer(
    nextQuestion,
    given ? textOf(given) : { from: 'now-1h', to: 'now' },
    firstQuestion,
  );
  const { text, baselines, version } = asked;
  const count = async (): Promise<void> => {
    const main = typedWindow(text.from, text.to, nowNs());
    if (typeof main === 'string') return;
    step({ kind: 'count' });
    try {
      const connectionId = await backend.keep();
      const others = [...baselines].map((baseline) => baselineOf(main, baseline));
      const windows = [main, ...others] as const;
      const catalog = await track(workbench().discover(connectionId, windows));
      step({ kind: 'counted', version, counted: { connectionId, windows, catalog } });
    } catch (error) {
      const message = isCancelled(error) ? undefined : asFaultlineError(error).message;
      step({ kind: 'not-counted', version, message });
    }
  };
  const mine = asked.counted?.connectionId === backend.form.id;
  const question = mine ? asked : { ...asked, counted: undefined };
  return { question, step, window: typedWindow(text.from, text.to, nowNs()), count };
}
