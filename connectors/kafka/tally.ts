import { z } from 'zod';
import type { Notice } from '../../core/model';

const EXAMPLES = 3;

/** Kept in the cursor, so that a resumed pull says the same as an undisturbed one. */
export const tallySchema = z.record(
  z.string(),
  z.object({
    count: z.number(),
    examples: z.array(z.string()),
    /** Of what a decoder said: its own sentence. */
    said: z
      .object({ severity: z.enum(['info', 'warning', 'error']), message: z.string() })
      .optional(),
  }),
);

type Say = (count: number, examples: string) => string;

const SENTENCES = {
  'not-found': ['warning', (n, which) => `${n} selected topics are not there: ${which}.`],
  'topics-not-read': [
    'warning',
    (n, which) => `${n} topics hold nothing that can be read: ${which}.`,
  ],
  'partitions-refused': [
    'warning',
    (n, where) => `${n} partitions could not be read to their end: ${where}.`,
  ],
  'partitions-offline': [
    'warning',
    (n, where) => `${n} partitions have no leader now and were not read: ${where}.`,
  ],
  'records-dropped': ['warning', (n, where) => `${n} records can't be taken over: ${where}.`],
  'batches-dropped': [
    'warning',
    (n, where) => `${n} records lie in batches that can't be read: ${where}.`,
  ],
  tombstones: [
    'info',
    (n, where) => `${n} records are deletions of a key (tombstones) and hold no row: ${where}.`,
  ],
  'transaction-marks': ['info', (n) => `${n} offsets hold marks of transactions, no records.`],
  'rolled-back': [
    'info',
    (n) => `${n} records belong to transactions that were rolled back, and are left there.`,
  ],
  'offsets-without-record': [
    'info',
    (n, where) =>
      `${n} offsets hold no record any more: the topic keeps the last value of a key (${where}).`,
  ],
  'transaction-open': [
    'warning',
    (n, where) =>
      `${n} offsets belong to transactions that are not decided yet; pull again for them (${where}).`,
  ],
  'retention-passed': [
    'warning',
    (n, where) => `${n} offsets were asked for, but Kafka has deleted them already (${where}).`,
  ],
  'rows-outside': [
    'info',
    (n) => `${n} rows whose own time is outside the windows were read beside them and left there.`,
  ],
  'rows-outside-kept': [
    'info',
    (n) =>
      `${n} rows have a time outside the window; they are kept, because offsets were asked for.`,
  ],
  'times-jump': [
    'warning',
    (n, where) =>
      `${n} times a record with a later time than the window's stands before records of the window (${where}): the clock of a producer may be wrong. What lies behind it was read, too.`,
  ],
  'times-out-of-order': [
    'info',
    (n, where) =>
      `${n} records have an earlier Kafka time than one before them in their partition (${where}); offsets are found by time, so records that are far out of order may be missing at the ends of the windows.`,
  ],
} satisfies Readonly<Record<string, readonly [Notice['severity'], Say]>>;

export type Code = keyof typeof SENTENCES;

/** What has to be said at the end of a pull, counted on the way. */
export class Tally {
  constructor(readonly counts: z.output<typeof tallySchema> = {}) {}

  add(code: Code, count: number, example = ''): void {
    if (count === 0) return;
    const known = (this.counts[code] ??= { count: 0, examples: [] });
    known.count += count;
    const more = known.examples.length < EXAMPLES && !known.examples.includes(example);
    if (example !== '' && more) known.examples.push(example);
  }

  /** What a decoder said of some records goes on counting with what it said of others. */
  notice({ code, severity, count, message }: Notice): void {
    const known = this.counts[code];
    if (!known?.said) {
      this.counts[code] = { count, examples: [], said: { severity, message } };
      return;
    }
    const sum = known.count + count;
    // Sentences that count begin with their number.
    const number = new RegExp(`^${known.count}\\b`);
    known.said.message = known.said.message.replace(number, String(sum));
    known.count = sum;
  }

  has(...codes: readonly Code[]): boolean {
    return codes.some((code) => code in this.counts);
  }

  notices(): readonly Notice[] {
    return Object.entries(this.counts).map(([code, { count, examples, said }]): Notice => {
      if (said) return { code, count, ...said };
      const [severity, say] = SENTENCES[code as Code];
      return { code, severity, count, message: say(count, examples.join('; ')) };
    });
  }
}
