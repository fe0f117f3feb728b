import { z } from 'zod';
import type { Notice } from '../../core/model';

const counted = z.object({ count: z.number(), example: z.string() });

/** Kept in the cursor, so that a resumed pull says the same as an undisturbed one. */
export const tallySchema = z.record(z.string(), counted);

type Say = (count: number, example: string) => string;

const SENTENCES = {
  'files-damaged': [
    'warning',
    (n, why) => `${n} times a file or row group could not be read: ${why}`,
  ],
  'files-refused': ['warning', (n, why) => `${n} times the lake did not give a file: ${why}`],
  'files-changed': [
    'warning',
    (n, which) =>
      `${n} files were replaced while they were read (${which}); discard this pull and pull again.`,
  ],
  'lake-changed': [
    'warning',
    () => 'The lake has changed since this pull began; what was added before its place is missing.',
  ],
  'columns-unknown': [
    'warning',
    (n, which) =>
      `${n} files have no columns of OpenTelemetry (${which}) and were left out; import them with a mapping.`,
  ],
  'exports-unfinished': [
    'warning',
    (n, which) =>
      `${n} files are of an export that has not ended (${which}); they were left out. Export the case once more.`,
  ],
  'rows-dropped': ['warning', (n, why) => `${n} rows were left out: ${why}.`],
  'not-found': ['warning', (n, which) => `${n} selected tables are not in the lake: ${which}.`],
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

  notices(): readonly Notice[] {
    return Object.entries(this.counts).flatMap(([code, { count, example }]) => {
      if (!(code in SENTENCES)) return [];
      const [severity, say] = SENTENCES[code as Code];
      return [{ code, severity, count, message: say(count, example) }];
    });
  }
}
