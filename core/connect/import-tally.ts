import {
  SIGNALS,
  SIGNAL_OF,
  TELEMETRY,
  type Batch,
  type Notice,
  type Signal,
  type TelemetryTable,
} from '../model';
import type { DroppedRecord, PartReport } from './format';
import { ofOne } from './notice-words';

const EXAMPLES = 3;

/** The time column of each table that carries a signal. */
const TIME_OF: Readonly<Partial<Record<TelemetryTable, string>>> = {
  spans: 'start',
  logs: 'ts',
  samples: 'ts',
  histogram_samples: 'ts',
  alerts: 'starts_at',
  changes: 'ts',
};

interface Part {
  rows: number;
  dropped: number;
  examples: Omit<DroppedRecord, 'signal'>[];
  from: bigint | null;
  to: bigint | null;
}

/** Counts rows, dropped records and the range of a source, per signal. A span's range ends with it. */
export class PartTally {
  private readonly parts = new Map<Signal, Part>();

  batch(batch: Batch): void {
    const signal = SIGNAL_OF[batch.table];
    if (!signal) return;
    const part = this.part(signal);
    part.rows += batch.rows;
    const starts = int64Column(batch, TIME_OF[batch.table]);
    if (!starts) return;
    const durations = int64Column(batch, 'duration');
    for (let i = 0; i < batch.rows; i++) {
      const start = starts[i]!;
      if (part.from === null || start < part.from) part.from = start;
      const end = durations ? start + durations[i]! : start;
      if (part.to === null || end > part.to) part.to = end;
    }
  }

  dropped({ signal, where, text, reason }: DroppedRecord): void {
    const part = this.part(signal);
    part.dropped++;
    if (part.examples.length < EXAMPLES) part.examples.push({ where, text, reason });
  }

  report(): readonly PartReport[] {
    return SIGNALS.flatMap((signal) => {
      const part = this.parts.get(signal);
      if (!part) return [];
      const { rows, dropped, examples, from, to } = part;
      return [{ signal, rows, dropped, droppedExamples: examples, from, to }];
    });
  }

  private part(signal: Signal): Part {
    let part = this.parts.get(signal);
    if (!part) {
      part = { rows: 0, dropped: 0, examples: [], from: null, to: null };
      this.parts.set(signal, part);
    }
    return part;
  }
}

function int64Column(batch: Batch, name: string | undefined): BigInt64Array | undefined {
  if (name === undefined) return undefined;
  const at = Object.keys(TELEMETRY[batch.table]).indexOf(name);
  const column = batch.columns[at];
  return column?.type === 'i64' ? column.data : undefined;
}

type Say = (count: number) => string;

const sentence = (say: Say, count: number): string =>
  count === 1 ? ofOne(say(count)) : say(count);

/**
 * Notices that are counted while reading and said once. Those of `kept` are counted on: what a pull said before it
 * was cut.
 */
export class NoticeCounts {
  private readonly counts = new Map<
    string,
    { count: number; severity: Notice['severity']; say: Say | undefined; message: string }
  >();

  constructor(kept: readonly Notice[] = []) {
    for (const { code, count, severity, message } of kept) {
      this.counts.set(code, { count, severity, say: undefined, message });
    }
  }

  /** `say` makes the sentence from the final count, as of many; the first one given for a code is used. */
  add(code: string, severity: Notice['severity'], say: Say, count = 1): void {
    const known = this.counts.get(code);
    if (known) {
      known.count += count;
      known.say ??= say;
    } else this.counts.set(code, { count, severity, say, message: '' });
  }

  /** What has been counted so far; it is counted on. */
  snapshot(): readonly Notice[] {
    return [...this.counts].map(([code, { count, severity, say, message }]) => ({
      code,
      severity,
      count,
      message: say ? sentence(say, count) : message,
    }));
  }

  take(): readonly Notice[] {
    const notices = this.snapshot();
    this.counts.clear();
    return notices;
  }
}
