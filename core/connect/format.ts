import type { Batch, Notice, Signal, TelemetryTable } from '../model';
import type { Mapping, MappingField, MappingTarget } from './kit/mapping';

/** Bytes to import, from a file, an archive's member or standard input. Already decompressed by the kit. */
export interface ByteSource {
  /** Path or name as the person knows it. */
  readonly name: string;
  /** Compressed size where it is known. */
  readonly size?: number;
  /** When it was last changed, milliseconds since the epoch, where that is known. */
  readonly modifiedMs?: number;
  /** From its start; may be called again. */
  stream(): ReadableStream<Uint8Array>;
  /** Bytes from anywhere (fewer only at the end), where the source can: a file, a Blob; not an archive's deflated member. */
  readonly read?: (offset: number, length: number) => Promise<Uint8Array>;
  /** Where it lies as it is, for whoever can open it there: a database that the engine reads. */
  readonly path?: string;
  /** The files that are read as one, for what `group` put together; `stream` gives them one after the other. */
  readonly parts?: readonly ByteSource[];
  /** Who put the parts together, and why. */
  readonly grouping?: { readonly format: string; readonly why: string };
  /** Names of the files that were given, for what stands in one of them or is made of several. */
  readonly given?: readonly string[];
}

/** The start of a source (up to 64 KiB, decompressed), for sniffing. */
export interface Head {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The same as text, malformed bytes replaced. */
  readonly text: string;
}

/** A file beside others, for formats that are made of several. `head` opens it: look at names and sizes first. */
export interface ListedFile {
  readonly name: string;
  readonly size?: number;
  head(): Promise<Head>;
}

/** Files that a format reads as one, e.g. a Prometheus block or the partitions of a table. */
export interface FileGroup {
  /** What they are called together: their folder, mostly. */
  readonly name: string;
  /** Names from the listing, in the order in which they are read. */
  readonly files: readonly string[];
  readonly why: string;
}

export type TimeUnit = 'ns' | 'µs' | 'ms' | 's';

/** What a format makes of a file before it is read, as the dry run shows it. */
export interface Described {
  /** What the file can bring. */
  readonly signals: readonly Signal[];
  /** How times are written: a number's unit, 'text', or null where the file has no times. */
  readonly time: TimeUnit | 'text' | null;
  /** 'UTC', '+02:00', 'stated' (every time names its zone), or 'unknown' (read as UTC, with a notice). */
  readonly zone: string;
  /** Whose clock the times are of, in a few words: 'the application', 'the container runtime'. */
  readonly clock: string;
  /** True where unit or zone follow from magnitudes or from habit and not from the format itself. */
  readonly guessed: boolean;
}

/** What a person decided where a file leaves it open. */
export interface ReadChoices {
  readonly timeUnit?: TimeUnit;
  /** For times without a zone: 'UTC', '+02:00' or an IANA name. */
  readonly zone?: string;
  /** When the import happens, for times without a year (syslog). */
  readonly now?: bigint;
  /** For dates such as 03/04/2024. */
  readonly dayFirst?: boolean;
  /** When a scrape was taken whose samples have no time; else its file's last change. */
  readonly scrapedAt?: bigint;
  /** Which column or path is what, for tables and JSON of unknown shape. */
  readonly mapping?: Mapping;
  /**
   * The same for single tables of a database, by name; null leaves a table out. Others are read as they would be
   * without.
   */
  readonly tables?: Readonly<Record<string, Mapping | null>>;
  /** The table of a database that a preview is of. */
  readonly table?: string;
  /** The metric's name, for series that come without one. */
  readonly metric?: string;
}

/** A database file that only the engine itself can read, opened for reading. */
export interface OpenedDatabase {
  /** At most `limit` rows of a select, column by column. */
  sql(
    sql: string,
    limit: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly data: readonly (readonly unknown[])[] }>;
  close(): Promise<void>;
}

/** Opens a DuckDB file in an engine of its own, apart from the case. Errors as of a case: 'case/newer-version' and so on. */
export type OpenDatabase = (source: ByteSource, signal: AbortSignal) => Promise<OpenedDatabase>;

/** What a shell lends to formats. */
export interface ReadTools {
  readonly openDatabase?: OpenDatabase;
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
  /** Its time, ns since the epoch, where it can be read although the record can't be taken. */
  readonly at?: bigint;
  /** True where that time names no zone and was read as UTC. */
  readonly zoneless?: boolean;
  /** The service that it is about, where it can be read. */
  readonly service?: string;
}

export type FormatItem =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'dropped'; readonly record: DroppedRecord }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** Windows and symptom that a case.json gives. */
  | { readonly kind: 'hints'; readonly hints: CaseHints }
  /** Better knowledge than `describe` had, once some of the file was read. */
  | { readonly kind: 'described'; readonly described: Described }
  /** By which mapping a table is read; once a table, before its first row. */
  | { readonly kind: 'mapped'; readonly mapping: Mapping; readonly guessed: boolean }
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
 * file as a whole is damaged ('format/damaged' with where) or none for it ('format/unknown'). Every record of the file is a row or is dropped.
 */
export interface FileFormat {
  readonly id: string;
  readonly title: string;
  readonly tables: readonly TelemetryTable[];
  /** By content alone, from the head; must be quick and must not throw. */
  sniff(head: Head): Sniff;
  describe(head: Head): Described;
  read(
    source: ByteSource,
    signal: AbortSignal,
    choices?: ReadChoices,
    tools?: ReadTools,
  ): AsyncIterable<FormatItem>;
  /**
   * For formats that are made of several files: which of those given belong together. They are then read as
   * one source with `parts`; files in no group are sniffed one by one.
   */
  readonly group?: (
    files: readonly ListedFile[],
    signal: AbortSignal,
  ) => Promise<readonly FileGroup[]>;
  /** For tables: their columns, and the first records as they would be by `choices.mapping`, else by a guess. */
  readonly preview?: (
    source: ByteSource,
    signal: AbortSignal,
    choices?: ReadChoices,
    tools?: ReadTools,
  ) => Promise<MappingPreview>;
}

/** A table for the person who says what is what in it. */
export interface MappingPreview {
  readonly columns: readonly { readonly name: string; readonly examples: readonly string[] }[];
  /** The mapping given, else the guess; null where there is none. */
  readonly mapping: Mapping | null;
  readonly guessed: boolean;
  /** The first records, in the order of the file. */
  readonly rows: readonly PreviewRow[];
  /** What had to be assumed for them: zones, units and the like. */
  readonly notices: readonly Notice[];
  /** Columns that the mapping names and the table does not have. */
  readonly missing: string;
  /** What keeps the mapping from being used; there are no rows then. */
  readonly faults: readonly string[];
  /** Of a database: the table that it is of. */
  readonly table?: string;
  /** All tables of a database, with what would be made of each; not where `choices.table` names one of them. */
  readonly tables?: readonly TableInDatabase[];
}

/** A table of a database, and whether it would be read. */
export interface TableInDatabase {
  readonly name: string;
  /** By the names of its columns, by a mapping that was given or guessed, or not at all. */
  readonly how: 'known' | 'given' | 'guessed' | 'left';
  /** What its rows would be; '' where it is left. */
  readonly signal: Signal | '';
}

/** A preview with what the person may choose from. */
export interface TablePreview extends MappingPreview {
  /** Format id that reads the table. */
  readonly format: string;
  /** What each target has. */
  readonly fields: Readonly<Record<MappingTarget, readonly MappingField[]>>;
}

/** What a record becomes, field by field, or why it would be dropped. */
export interface PreviewRow {
  readonly where: string;
  readonly fields: readonly (readonly [string, string])[];
  /** '' where it would be taken. */
  readonly reason: string;
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
  /** Path as the person knows it; a member of an archive stands behind it: "all.zip/logs/web.log". */
  readonly path: string;
  /** The files that were given, where `path` stands in one (an archive) or for several (a folder). */
  readonly given?: readonly string[];
  /** Format id; null where none fits. */
  readonly format: string | null;
  readonly title: string;
  readonly why: string;
  readonly size: number | null;
  /** How times stand in it; missing where no format took it. */
  readonly described?: Described;
  /** By which mapping it was read, for tables, and whether that was a guess. */
  readonly mapped?: { readonly mapping: Mapping; readonly guessed: boolean };
  /** The mappings of all its tables, where it has several. */
  readonly mappedTables?: readonly { readonly mapping: Mapping; readonly guessed: boolean }[];
  /** Other formats that could read it, most confident first. */
  readonly others?: readonly { readonly format: string; readonly confidence: number }[];
  readonly parts: readonly PartReport[];
  readonly notices: readonly Notice[];
  /** 'skipped' (a truth file, an already imported file), 'failed' with a notice, else 'ok'. */
  readonly state: 'ok' | 'skipped' | 'failed';
}
