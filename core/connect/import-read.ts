import { FaultlineError, asFaultlineError, isCancelled, throwIfAborted } from '../base';
import type { Notice } from '../model';
import type {
  ByteSource,
  Described,
  FileFormat,
  FileReport,
  FormatItem,
  Head,
  ReadChoices,
  ReadTools,
  Sniff,
} from './format';
import { isAnswerName, isAnswerText } from './import-answers';
import { OpenedSource, decompressed } from './import-bytes';
import { placeOfSource } from './import-place';
import type { SourceDamage } from './containers/damage';
import { compressionOf } from './containers/inflate';
import { PartTally } from './import-tally';

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Format id that a person chose; undefined means by content. */
  readonly as?: string;
  readonly choices?: ReadChoices;
  readonly tools?: ReadTools;
  /** Takes the items over; awaited, so that a slow taker slows the reading. */
  readonly onItem?: (item: FormatItem, format: FileFormat) => void | Promise<void>;
}

export interface Sniffed extends Sniff {
  readonly format: FileFormat;
  /** Others that could read it, too, most confident first. */
  readonly others: readonly { readonly format: string; readonly confidence: number }[];
}

/** Two confidences nearer than this are a tie: the choice is explained. */
const TIE = 0.05;

/** The format that fits a head best; null where none does. The first of equals wins, and a tie is said. */
export function sniffFormats(head: Head, formats: readonly FileFormat[]): Sniffed | null {
  const fits = formats
    .map((format) => ({ format, ...format.sniff(head) }))
    .filter(({ confidence }) => confidence > 0)
    .sort((a, b) => b.confidence - a.confidence);
  const [best, ...rest] = fits;
  if (!best) return null;
  const tied = rest.filter(({ confidence }) => best.confidence - confidence < TIE);
  const also = tied.map(({ format }) => format.title).join(', ');
  return {
    ...best,
    why: also === '' ? best.why : `${best.why} It could also be: ${also}.`,
    others: rest.map(({ format: { id }, confidence }) => ({ format: id, confidence })),
  };
}

/** Bytes of the source between two progress items. */
const PROGRESS_BYTES = 1 << 20;

/**
 * Reads a source once, through the format that fits it, and says what it holds. Without `onItem` that is a
 * dry run. A damaged source keeps what came before the damage; one that is damaged from its start is
 * reported as 'failed'. Rejects only with 'cancelled', 'usage' (an unknown `as`) or what `onItem` throws.
 */
export async function readFile(
  source: ByteSource,
  formats: readonly FileFormat[],
  options: ReadOptions,
): Promise<FileReport> {
  const { grouping } = source;
  const id = options.as ?? grouping?.format;
  const chosen = id === undefined ? undefined : formatById(formats, id);
  if (isAnswerName(source.name)) return skippedAnswer(source);
  const opened = new Opening(source, options);
  try {
    const head = await opened.head();
    if (!(head instanceof FaultlineError) && isAnswerText(head.text)) return skippedAnswer(source);
    if (head instanceof FaultlineError) return failed(source, head);
    const sniffed = chosen
      ? { format: chosen, confidence: 1, why: whyChosen(options.as, grouping?.why), others: [] }
      : (byMapping(head, formats, options.choices) ?? sniffFormats(head, formats));
    if (!sniffed) return unknown(source, head, opened.damage);
    return await opened.read(sniffed, head);
  } finally {
    await opened.close();
  }
}

/** A mapping is for what no format of its own is sure of. */
const SURE = 0.9;

function byMapping(
  head: Head,
  formats: readonly FileFormat[],
  choices: ReadChoices | undefined,
): Sniffed | null {
  if (!choices?.mapping) return null;
  const table = sniffFormats(
    head,
    formats.filter(({ preview }) => preview !== undefined),
  );
  const best = sniffFormats(head, formats);
  if (!table || !best || best.confidence >= SURE) return null;
  return { ...table, why: 'Read by the mapping that was given.', others: best.others };
}

function whyChosen(as: string | undefined, grouped: string | undefined): string {
  return as === undefined ? (grouped ?? '') : 'Chosen by hand.';
}

class Opening {
  private opened: OpenedSource | undefined;
  constructor(
    private readonly source: ByteSource,
    private readonly options: ReadOptions,
  ) {}

  get damage(): string | undefined {
    return this.opened?.damage?.reason;
  }

  async head(): Promise<Head | FaultlineError> {
    try {
      this.opened = await OpenedSource.open(this.source, this.options.signal);
      return await this.opened.head();
    } catch (error) {
      if (isCancelled(error)) throw error;
      return asFaultlineError(error);
    }
  }

  async read({ format, why, others }: Sniffed, head: Head): Promise<FileReport> {
    const { signal, onItem, choices, tools } = this.options;
    const { opened } = this;
    if (!opened) throw new FaultlineError('internal', 'The file was not opened.');
    const tally = new PartTally();
    const notices: Notice[] = [];
    let described = asChosen(format.describe(head), choices);
    let said = 0;
    let hints = false;
    const mapped: NonNullable<FileReport['mapped']>[] = [];
    const bytes = opened.bytes();
    const files = await this.parts(notices);
    const given = files ? { ...bytes, parts: files } : bytes;
    const read = format.read(given, signal, choices, tools);
    const items = read[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await nextItem(items);
        throwIfAborted(signal);
        if (next instanceof FaultlineError) {
          return { ...failed(this.source, next, format, why), parts: tally.report() };
        }
        if (next === undefined) break;
        if (next.kind === 'batch') tally.batch(next.batch);
        if (next.kind === 'dropped') tally.dropped(next.record);
        if (next.kind === 'described') described = asChosen(next.described, choices);
        if (next.kind === 'mapped') mapped.push({ mapping: next.mapping, guessed: next.guessed });
        hints ||= next.kind === 'hints';
        if (next.kind === 'notice') notices.push(next.notice);
        await onItem?.(next, format);
        if (opened.taken - said >= PROGRESS_BYTES) {
          said = opened.taken;
          await onItem?.({ kind: 'progress', bytes: said }, format);
        }
      }
    } finally {
      await items.return?.();
    }
    if (opened.damage) notices.push(damageNotice(opened.damage));
    const parts = tally.report();
    if (parts.length === 0 && notices.length === 0 && !hints) notices.push(NOTHING);
    return {
      ...placeOfSource(this.source),
      format: format.id,
      title: format.title,
      why,
      described,
      ...(mapped[0] ? { mapped: mapped[0] } : {}),
      ...(mapped.length > 1 ? { mappedTables: mapped } : {}),
      others,
      parts,
      notices,
      state: 'ok',
    };
  }

  /** The parts of a source of several, each decompressed; one that is damaged ends there and says so. */
  private async parts(notices: Notice[]): Promise<readonly ByteSource[] | undefined> {
    const { signal } = this.options;
    const given = this.source.parts;
    if (!given) return undefined;
    return Promise.all(
      given.map(async (part) => {
        const packed = compressionOf((await part.read?.(0, 4)) ?? new Uint8Array());
        return {
          name: part.name,
          size: packed ? undefined : part.size,
          read: packed ? undefined : part.read,
          stream: () =>
            decompressed(part, signal, (damage) => {
              notices.push({ ...damageNotice(damage), detail: { file: part.name } });
            }),
        };
      }),
    );
  }

  async close(): Promise<void> {
    await this.opened?.close();
  }
}

/** Damage of the source becomes a value; cancellation and our own faults stay errors. */
async function nextItem(
  items: AsyncIterator<FormatItem>,
): Promise<FormatItem | FaultlineError | undefined> {
  try {
    const { done, value } = await items.next();
    return done ? undefined : value;
  } catch (error) {
    if (isCancelled(error)) throw error;
    const known = asFaultlineError(error);
    if (known.code === 'format/damaged' || known.code === 'format/unknown') return known;
    throw known;
  }
}

/** How times stand in a file, once a person has said so. */
function asChosen(described: Described, choices: ReadChoices | undefined): Described {
  const { time } = described;
  if (!choices?.timeUnit || time === null || time === 'text') return described;
  return { ...described, time: choices.timeUnit, guessed: false };
}

const NOTHING: Notice = {
  code: 'nothing-found',
  severity: 'warning',
  count: 1,
  message: 'Nothing in the file is a record of this format.',
};

function damageNotice({ offset, reason, bomb }: SourceDamage): Notice {
  const message = bomb
    ? `Reading stopped after ${offset} bytes of content: ${reason}, as no log does. What comes before is taken over.`
    : `The compressed file is damaged or cut after ${offset} bytes of content (${reason}). What comes before is taken over.`;
  const code = bomb ? 'file-grows-too-much' : 'file-damaged';
  return { code, severity: 'warning', count: 1, message };
}

function formatById(formats: readonly FileFormat[], id: string): FileFormat {
  const format = formats.find((f) => f.id === id);
  if (format) return format;
  const known = formats.map((f) => f.id).join(', ');
  throw new FaultlineError('usage', `There is no format "${id}". Known: ${known}.`);
}

function skippedAnswer(source: ByteSource): FileReport {
  const why = 'The answer of a labelled incident (truth or groups): it is never read.';
  return {
    ...placeOfSource(source),
    format: null,
    title: 'Answer, not read',
    why,
    parts: [],
    notices: [{ code: 'answer-skipped', severity: 'info', count: 1, message: why }],
    state: 'skipped',
  };
}

function failed(
  source: ByteSource,
  error: FaultlineError,
  format?: FileFormat,
  why?: string,
): FileReport {
  return {
    ...placeOfSource(source),
    format: format?.id ?? null,
    title: format?.title ?? 'Damaged',
    why: why ?? error.message,
    parts: [],
    notices: [{ code: error.code, severity: 'error', count: 1, message: error.message }],
    state: 'failed',
  };
}

function unknown(source: ByteSource, head: Head, damage: string | undefined): FileReport {
  const why = damage ?? whyUnknown(head);
  return {
    ...placeOfSource(source),
    format: null,
    title: 'Not recognised',
    why,
    parts: [],
    notices: [{ code: 'format/unknown', severity: 'warning', count: 1, message: why }],
    state: 'failed',
  };
}

const MAGIC: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 3, 4], 'A zip archive within too many others: unpack it first.'],
  [[0x42, 0x5a, 0x68], 'A bzip2 archive: decompress it first.'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'An xz archive: decompress it first.'],
];

function whyUnknown({ bytes, text }: Head): string {
  if (bytes.length === 0) return 'The file is empty.';
  for (const [magic, why] of MAGIC) {
    if (magic.every((byte, i) => bytes[i] === byte)) return why;
  }
  if (text.includes('\0')) return 'Binary content that no format knows.';
  return `No format knows this text. It starts with: ${text.trim().replace(/\s+/g, ' ').slice(0, 60)}`;
}
