import type { Batch, Notice, Signal, TelemetryTable } from '../model';

/** Bytes to import, from a file, an archive's member or standard input. Already decompressed by the kit. */
export interface ByteSource {
  /** Path or name as the person knows it. */
  readonly name: string;
  /** Compressed size where it is known. */
  readonly size?: number;
  stream(): ReadableStream<Uint8Array>;
}

/** The start of a source (up to 64 KiB, decompressed), for sniffing. */
export interface Head {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The same as text, malformed bytes replaced. */
  readonly text: string;
}

/** How sure a format is that it can read a head: 0 no, 1 certain; the highest wins, and says why. */
export interface Sniff {
  readonly confidence: number;
  readonly why: string;
}

/** One record that could not be taken over. `where` is a line or byte offset. */
export interface DroppedRecord {
  readonly signal: Signal;
  readonly where: string;
  /** The record's text, cut to 200 characters. */
  readonly text: string;
  readonly reason: string;
}

export type FormatItem =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'dropped'; readonly record: DroppedRecord }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** Windows and symptom that a case.json gives. */
  | { readonly kind: 'hints'; readonly hints: CaseHints }
  | { readonly kind: 'progress'; readonly bytes: number };

export interface CaseHints {
  readonly window?: { readonly from: bigint; readonly to: bigint };
  readonly incident?: { readonly from: bigint; readonly to: bigint };
  readonly baseline?: { readonly from: bigint; readonly to: bigint };
  /** As the file gives it, e.g. { service, metric, direction }. */
  readonly symptom?: Readonly<Record<string, string>>;
}

/**
 * A file format: one folder under connectors/. Reading is a stream of columnar batches (up to about 20,000
 * rows each) with bounded memory. Records that can't be taken over are 'dropped', never thrown, unless the
 * file as a whole is damaged ('format/damaged' with where).
 */
export interface FileFormat {
  readonly id: string;
  readonly title: string;
  readonly tables: readonly TelemetryTable[];
  sniff(head: Head): Sniff;
  read(source: ByteSource, signal: AbortSignal): AsyncIterable<FormatItem>;
}

/** One signal of one file, as `import --json` says it. rows + dropped = records in the file. */
export interface PartReport {
  readonly signal: Signal;
  readonly rows: number;
  readonly dropped: number;
  readonly droppedExamples: readonly Omit<DroppedRecord, 'signal'>[];
  readonly from: bigint | null;
  readonly to: bigint | null;
}

export interface FileReport {
  readonly path: string;
  /** Format id; null where none fits. */
  readonly format: string | null;
  readonly title: string;
  readonly why: string;
  readonly size: number | null;
  readonly parts: readonly PartReport[];
  readonly notices: readonly Notice[];
  /** 'skipped' (a truth file, an already imported file), 'failed' with a notice, else 'ok'. */
  readonly state: 'ok' | 'skipped' | 'failed';
}
