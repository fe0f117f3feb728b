import { z } from 'zod';
import type { Notice } from '../../model';
import type { DroppedAt } from '../dropped-tally';
import { REDACTED } from '../kit/redact';

const counted = z.object({
  count: z.number(),
  example: z.string(),
  /** As it stands, where whoever counted gave the sentence. */
  said: z
    .object({ severity: z.enum(['info', 'warning', 'error']), message: z.string() })
    .optional(),
});

/** Kept in the cursor, so that a resumed pull says the same as an undisturbed one. */
export const tallySchema = z.record(z.string(), counted);

type Say = (count: number, example: string) => string;
/** What is said of each code. */
export type Sentences = Readonly<Record<string, readonly [Notice['severity'], Say]>>;

const sentencesOf = (store: string): Sentences => ({
  'traces-refused': ['warning', (n, why) => `${store} did not answer ${n} queries: ${why}`],
  'traces-failed': ['warning', (n, why) => `${store} could not hand out ${n} traces: ${why}`],
  'traces-damaged': ['warning', (n, why) => `${n} traces came in a form that is not known: ${why}`],
  'traces-truncated': [
    'warning',
    (n, where) =>
      `${n} moments hold more traces than ${store} hands out at once (${where}); those with an error were asked for by themselves, some of the others are missing.`,
  ],
  'traces-cut': [
    'warning',
    (n, where) =>
      `${n} moments hold more traces than ${store} hands out at once (${where}); some are missing, maybe with errors.`,
  ],
  'spans-dropped': ['warning', (n, why) => `${n} spans were left out: ${why}.`],
  'spans-repeated': [
    'info',
    (n) => `${n} spans are stored in ${store} more than once; they are kept once.`,
  ],
  'spans-outside': [
    'info',
    (n) => `${n} spans of these traces start outside the windows and were left there.`,
  ],
  'secrets-redacted': [
    'info',
    (n) => `${n} values look like secrets (passwords, tokens, keys); ${REDACTED} stands for them.`,
  ],
  'traces-by-start': [
    'info',
    (_, reach) =>
      `This ${store} finds traces by their start: one that began more than ${reach} before a window and reaches into it is not found.`,
  ],
  'traces-not-found': [
    'warning',
    (n, which) => `${store} does not have ${n} of the traces that were asked for: ${which}.`,
  ],
  'not-found': ['warning', (n, which) => `${n} selected services are not known there: ${which}.`],
  'dependencies-missing': [
    'info',
    () => `This ${store} does not hand out dependencies; the graph comes from the spans alone.`,
  ],
});

/** What has to be said at the end of a pull, counted on the way. */
export class TraceTally {
  private readonly says = new Map<
    string,
    { severity: Notice['severity']; say: (count: number) => string }
  >();

  private readonly left: DroppedAt[] = [];

  constructor(readonly counts: z.infer<typeof tallySchema> = {}) {}

  /** The first example is kept. */
  add(code: string, example = '', count = 1): void {
    if (count === 0) return;
    const known = this.counts[code];
    this.counts[code] = { count: (known?.count ?? 0) + count, example: known?.example ?? example };
  }

  /** Spans that can't be taken, why, and where in time they stand. */
  drop(why: string | undefined, spans: readonly Omit<DroppedAt, 'signal'>[]): void {
    const count = spans.reduce((sum, { records = 1 }) => sum + records, 0);
    this.add('spans-dropped', why, count);
    for (const span of spans) this.left.push({ ...span, signal: 'spans' });
  }

  /** Those spans, each once. */
  takeLeft(): readonly DroppedAt[] {
    return this.left.splice(0);
  }

  /** With the sentence for any count; for parsers that speak for themselves. */
  note(code: string, severity: Notice['severity'], say: (count: number) => string, more = 1): void {
    const count = (this.counts[code]?.count ?? 0) + more;
    this.says.set(code, { severity, say });
    this.counts[code] = { count, example: '', said: { severity, message: say(count) } };
  }

  /** Takes over what another one has counted. */
  join(other: TraceTally): void {
    for (const [code, { count, example }] of Object.entries(other.counts)) {
      const say = other.says.get(code);
      if (say) this.note(code, say.severity, say.say, count);
      else this.add(code, example, count);
    }
    this.left.push(...other.left);
  }

  has(...codes: readonly string[]): boolean {
    return codes.some((code) => code in this.counts);
  }

  notices(store: string, more: Sentences): readonly Notice[] {
    const sentences: Sentences = { ...sentencesOf(store), ...more };
    return Object.entries(this.counts).flatMap(([code, { count, example, said }]) => {
      if (said) return [{ code, count, ...said }];
      const sentence = sentences[code];
      if (!sentence) return [];
      const [severity, say] = sentence;
      return [{ code, severity, count, message: say(count, example) }];
    });
  }
}
