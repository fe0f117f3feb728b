import { z } from 'zod';
import type { Notice } from '../../core/model';

const EXAMPLES = 3;

export const tallySchema = z.array(
  z.object({
    code: z.string(),
    reason: z.string(),
    count: z.number(),
    examples: z.array(z.string()),
  }),
);
type Entry = z.output<typeof tallySchema>[number];

interface Wording {
  readonly severity: Notice['severity'];
  readonly say: (item: string, reason: string, count: number) => string;
}

const WORDINGS: Readonly<Record<string, Wording>> = {
  'records-dropped': {
    severity: 'warning',
    say: (item, reason, n) => `${n} documents of ${item} can't be taken over: ${reason}.`,
  },
  'shards-failed': {
    severity: 'warning',
    say: (item, reason, n) =>
      `${n} answers from ${item} came without some of its shards, so rows are missing: ${reason}.`,
  },
  'search-timed-out': {
    severity: 'warning',
    say: (item, _, n) =>
      `${n} searches in ${item} ran out of time on the server; rows may be missing.`,
  },
  'counts-partial': {
    severity: 'warning',
    say: (item, reason, n) =>
      `${n} slices of ${item} were counted without some of its shards, so the totals are too small: ${reason}.`,
  },
  'documents-lost': {
    severity: 'warning',
    say: (item, _, n) =>
      `${n} documents of ${item} were counted and did not come; they were deleted meanwhile, or shards are missing.`,
  },
  'alerts-cut': {
    severity: 'warning',
    say: (item, reason) =>
      `${item} has more than ${reason} documents of alerts in these windows; the others are not read.`,
  },
  'alerts-without-end': {
    severity: 'info',
    say: (item, _, n) =>
      `${n} alerts of ${item} have no end: nothing there says when they were over.`,
  },
  'alert-start-unknown': {
    severity: 'info',
    say: (item, _, n) =>
      `${n} alerts of ${item} were on when a window began; they may have started before.`,
  },
  'alerts-repeated': {
    severity: 'info',
    say: (item, _, n) => `${n} documents of ${item} repeat an alert that came already.`,
  },
  'counts-not-taken': {
    severity: 'warning',
    say: (item, reason) =>
      `How many records ${item} has by service and level was not counted: ${reason}`,
  },
  'counts-cut': {
    severity: 'warning',
    say: (item, reason, n) =>
      `${item} has more than ${reason} pairs of service and level; ${n} records of others stand in no count.`,
  },
  'attributes-cut': {
    severity: 'warning',
    say: (item, reason, n) => `${n} documents of ${item} were cut: ${reason}.`,
  },
  'body-from-document': {
    severity: 'info',
    say: (item, _, n) =>
      `${n} documents of ${item} have no message; the document stands in its place.`,
  },
  'severity-from-text': {
    severity: 'info',
    say: (item, _, n) =>
      `${n} records of ${item} give their level only as a word; its number was taken from it.`,
  },
  'histogram-left-out': {
    severity: 'warning',
    say: (item, _, n) => `${n} histograms in ${item} are not brought; only plain numbers are.`,
  },
  'pit-not-allowed': {
    severity: 'info',
    say: (item, reason) =>
      `${item} is read by scrolling, because a point in time can't be had there (${reason}).`,
  },
};

/** Counts what people must know about one item. It lives in the cursor until the item's end. */
export class Tally {
  private entries: Entry[];

  constructor(entries: readonly Entry[] = []) {
    this.entries = entries.map((entry) => ({ ...entry, examples: [...entry.examples] }));
  }

  add(code: string, reason = '', example?: string, count = 1): void {
    let entry = this.entries.find((e) => e.code === code && e.reason === reason);
    if (!entry) {
      entry = { code, reason, count: 0, examples: [] };
      this.entries.push(entry);
    }
    entry.count += count;
    if (example !== undefined && entry.examples.length < EXAMPLES) entry.examples.push(example);
  }

  snapshot(): readonly Entry[] {
    return this.entries.map((entry) => ({ ...entry, examples: [...entry.examples] }));
  }

  /** What has gathered about the item, as notices. */
  take(item: string): readonly Notice[] {
    const notices = this.entries.map(({ code, reason, count, examples }): Notice => {
      const { severity = 'info', say } = WORDINGS[code] ?? {};
      const message = say?.(item, reason, count) ?? `${item}: ${code} ${reason}`;
      const tail = examples.length > 0 ? ` For example ${examples.join(', ')}.` : '';
      const detail: Notice['detail'] = examples.length > 0 ? { item, examples } : { item };
      return { code, severity, count, message: message + tail, detail };
    });
    this.entries = [];
    return notices;
  }
}
