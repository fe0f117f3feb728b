import type { ByteSource } from './format';
import { chunksOf, joined } from './import-bytes';

/** Whole lines of a source, many at once, so that a line costs no await. */
export interface LineBlock {
  /** Lines with their line ends; the last block's last line may have none. */
  readonly text: string;
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  /** True where the source's last line has no line end: it may have been cut. */
  readonly unfinished: boolean;
  /** Bytes that were no UTF-8 and stand as U+FFFD now. */
  readonly malformed: number;
  /** A line over the limit that comes before this block's lines and was passed over. */
  readonly passedOver?: { readonly line: number; readonly bytes: number; readonly start: string };
}

const NEWLINE = 10;
const BLOCK = 1 << 20;
export const MAX_LINE_BYTES = 64 << 20;

/**
 * Splits a source into blocks of whole lines (LF or CRLF; about 1 MiB each), in bounded memory: a line
 * longer than `maxLine` bytes is passed over and named. A byte order mark at the start is taken away.
 */
export async function* lineBlocks(
  source: ByteSource,
  signal: AbortSignal,
  maxLine = MAX_LINE_BYTES,
): AsyncGenerator<LineBlock> {
  const splitter = new Splitter(maxLine);
  for await (const chunk of chunksOf(source.stream(), signal)) {
    for (let at = 0; at < chunk.length; at += BLOCK) {
      const block = splitter.push(chunk.subarray(at, at + BLOCK));
      if (block) yield block;
    }
  }
  const last = splitter.end();
  if (last) yield last;
}

class Splitter {
  private carry: Uint8Array[] = [];
  private carried = 0;
  private line = 1;
  private first = true;
  private overlong: { line: number; bytes: number; start: string } | undefined;
  private skipping = false;

  constructor(private readonly maxLine: number) {}

  push(chunk: Uint8Array): LineBlock | undefined {
    let from = 0;
    if (this.skipping) {
      const end = chunk.indexOf(NEWLINE);
      this.overlong!.bytes += end < 0 ? chunk.length : end;
      if (end < 0) return undefined;
      this.skipping = false;
      this.line++;
      from = end + 1;
    }
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (last > from) {
      const whole = [...this.carry, chunk.subarray(from, last)];
      this.hold(chunk.subarray(last));
      return this.block(joined(whole), false);
    }
    if (from < chunk.length) {
      this.carry.push(chunk.slice(from));
      this.carried += chunk.length - from;
    }
    if (this.carried > this.maxLine) this.giveUp();
    return undefined;
  }

  end(): LineBlock | undefined {
    if (this.carried === 0 && !this.overlong) return undefined;
    return this.block(joined(this.carry), this.carried > 0);
  }

  private hold(rest: Uint8Array): void {
    this.carry = rest.length > 0 ? [rest.slice()] : [];
    this.carried = rest.length;
  }

  private giveUp(): void {
    const start = new TextDecoder().decode(joined(this.carry).subarray(0, 300));
    this.overlong = { line: this.line, bytes: this.carried, start };
    this.skipping = true;
    this.hold(new Uint8Array());
  }

  private block(bytes: Uint8Array, unfinished: boolean): LineBlock {
    const { text, malformed } = decodeUtf8(bytes, this.first);
    const firstLine = this.line;
    const passedOver = this.overlong;
    this.first = false;
    this.overlong = undefined;
    for (let i = bytes.indexOf(NEWLINE); i >= 0; i = bytes.indexOf(NEWLINE, i + 1)) this.line++;
    return { text, firstLine, unfinished, malformed, ...(passedOver ? { passedOver } : {}) };
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

export function decodeUtf8(
  bytes: Uint8Array,
  atStart: boolean,
): { text: string; malformed: number } {
  const hasMark = atStart && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const clean = hasMark ? bytes.subarray(3) : bytes;
  try {
    return { text: strict.decode(clean), malformed: 0 };
  } catch {
    const text = lenient.decode(clean);
    return { text, malformed: text.split('\uFFFD').length - 1 };
  }
}

/** A record's text for a report: one line, cut to 200 characters. */
export function excerpt(text: string): string {
  const line = text.slice(0, 260).replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
