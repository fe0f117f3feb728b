import { z } from 'zod';
import type { Notice } from '../../core/model';

const counted = z.object({ count: z.number(), example: z.string() });

/** Kept in the cursor, so that a resumed pull says the same as an undisturbed one. */
export const tallySchema = z.record(z.string(), counted);

type Say = (count: number, example: string) => string;

const SENTENCES = {
  'traces-refused': ['warning', (n, why) => `Jaeger did not answer ${n} queries: ${why}`],
  'traces-failed': ['warning', (n, why) => `Jaeger could not hand out ${n} traces: ${why}`],
  'traces-damaged': ['warning', (n, why) => `${n} traces came in a form that is not known: ${why}`],
  'traces-truncated': [
    'warning',
    (n, where) =>
      `${n} moments hold more traces than Jaeger hands out at once (${where}); those with an error were asked for by themselves, some of the others are missing.`,
  ],
  'spans-dropped': ['warning', (n, why) => `${n} spans were left out: ${why}.`],
  'spans-repeated': [
    'info',
    (n) => `${n} spans are stored in Jaeger more than once; they are kept once.`,
  ],
  'spans-outside': [
    'info',
    (n) => `${n} spans of these traces start outside the windows and were left there.`,
  ],
  'jaeger-warnings': ['info', (n, what) => `Jaeger warns about ${n} spans, such as: ${what}.`],
  'not-found': ['warning', (n, which) => `${n} selected services are not known there: ${which}.`],
  'dependencies-missing': [
    'info',
    () => 'This Jaeger does not hand out dependencies; the graph comes from the spans alone.',
  ],
} satisfies Readonly<Record<string, readonly [Notice['severity'], Say]>>;

type Code = keyof typeof SENTENCES;

/** What has to be said at the end of a pull, counted on the way. */
export class Tally {
  constructor(readonly counts: z.infer<typeof tallySchema> = {}) {}

  /** The first example is kept. */
  add(code: Code, example = '', count = 1): void {
    if (count === 0) return;
    const known = this.counts[code];
    this.counts[code] = { count: (known?.count ?? 0) + count, example: known?.example ?? example };
  }

  has(...codes: readonly Code[]): boolean {
    return codes.some((code) => code in this.counts);
  }

  notices(): readonly Notice[] {
    return Object.entries(this.counts).flatMap(([code, { count, example }]) => {
      if (!(code in SENTENCES)) return [];
      const [severity, say] = SENTENCES[code as Code];
      return [{ code, severity, count, message: say(count, example) }];
    });
  }
}
