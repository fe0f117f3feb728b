import type { TimeWindow } from '../../../../core/base';
import type { Catalog } from '../../../../core/connect';
import type { BaselineId } from './request';

export interface WindowText {
  readonly from: string;
  readonly to: string;
}

/** What was counted: from here on "now" stands still. */
export interface Counted {
  readonly connectionId: string;
  readonly windows: readonly [TimeWindow, ...TimeWindow[]];
  readonly catalog: Catalog;
}

/** What is asked of the backend, as far as a person has got with it. */
export interface Question {
  readonly text: WindowText;
  readonly baselines: ReadonlySet<BaselineId>;
  /** As typed. */
  readonly budget: string;
  /** After the pull, what is new, until it is stopped. */
  readonly follow: boolean;
  /** Most rows that are kept while it is followed, as typed. */
  readonly ring: string;
  /** Goes up with each change: an answer to an older question is none. */
  readonly version: number;
  readonly counting: boolean;
  readonly counted: Counted | undefined;
  /** Catalog item ids. */
  readonly chosen: ReadonlySet<string>;
  readonly failure: string | undefined;
  /** It was counted once since the backend was changed: it answers. */
  readonly reached: boolean;
}

export type Step =
  | { readonly kind: 'time'; readonly text: WindowText }
  | { readonly kind: 'baselines'; readonly ids: ReadonlySet<BaselineId> }
  | { readonly kind: 'budget'; readonly text: string }
  | { readonly kind: 'follow'; readonly follow: boolean }
  | { readonly kind: 'ring'; readonly text: string }
  /** Another backend, address or sign-in. */
  | { readonly kind: 'backend' }
  | { readonly kind: 'count' }
  | { readonly kind: 'counted'; readonly version: number; readonly counted: Counted }
  /** Without a message it was cancelled. */
  | { readonly kind: 'not-counted'; readonly version: number; readonly message?: string }
  | { readonly kind: 'choose'; readonly ids: ReadonlySet<string> };

export function firstQuestion(text: WindowText): Question {
  return {
    text,
    baselines: new Set(),
    budget: '1 000 000',
    follow: false,
    ring: '5 000 000',
    version: 0,
    counting: false,
    counted: undefined,
    chosen: new Set(),
    failure: undefined,
    reached: false,
  };
}

/** What was counted answered another question. */
function changed(question: Question, what: Partial<Question> = {}): Question {
  const { version } = question;
  return { ...question, ...what, version: version + 1, counting: false, counted: undefined };
}

export function nextQuestion(question: Question, step: Step): Question {
  switch (step.kind) {
    case 'time':
      return changed(question, { text: step.text });
    case 'baselines':
      return changed(question, { baselines: step.ids });
    case 'backend':
      return changed(question, { reached: false });
    // The budget is applied by the pull; what is there does not depend on it.
    case 'budget':
      return { ...question, budget: step.text };
    case 'follow':
      return { ...question, follow: step.follow };
    case 'ring':
      return { ...question, ring: step.text };
    case 'count':
      return { ...question, counting: true, counted: undefined, failure: undefined };
    case 'counted': {
      if (step.version !== question.version) return question;
      const own = step.counted.catalog.items.filter(({ selected }) => selected);
      const chosen = new Set(own.map(({ id }) => id));
      return { ...question, counting: false, counted: step.counted, chosen, reached: true };
    }
    case 'not-counted':
      if (step.version !== question.version) return question;
      return { ...question, counting: false, failure: step.message };
    case 'choose':
      return { ...question, chosen: step.ids };
  }
}
