import {
  isJsonObject,
  textLines,
  type ByteSource,
  type JsonObject,
  type RawRecord,
  type RecordBlock,
} from '../../core/connect';
import { isWanted, type JournalEntry } from './entry';

/** An entry over several lines that is longer is given up. */
const MAX_ENTRY = 64 << 20;

type Entry = RawRecord<JournalEntry>;

/**
 * The entries that journalctl writes with `-o json` (one a line), `json-pretty` (over several lines, the braces
 * alone on theirs), `json-seq` (RFC 7464) and `json-sse`.
 */
export async function* jsonEntries(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<JournalEntry>> {
  const splitter = new Splitter();
  for await (const { records, malformed } of textLines(source, signal)) {
    const done: Entry[] = [];
    for (const record of records) {
      if ('value' in record) splitter.line(record.value, record.where, done);
      else done.push(record);
    }
    yield { records: done, malformed };
  }
  const last: Entry[] = [];
  splitter.giveUp(last, 'the file ends within the entry');
  yield { records: last, malformed: 0 };
}

class Splitter {
  private lines: string[] = [];
  private length = 0;
  private where = '';

  line(given: string, where: string, done: Entry[]): void {
    const line = bare(given);
    if (line === '{') {
      this.giveUp(done, 'another entry begins before it ends');
      this.open(line, where);
    } else if (this.lines.length === 0) {
      done.push(entryOf(line, where));
    } else if (line.startsWith('{"')) {
      this.giveUp(done, 'another entry begins before it ends');
      done.push(entryOf(line, where));
    } else {
      this.open(line, this.where);
      if (line === '}') {
        done.push(entryOf(this.lines.join('\n'), this.where));
        this.lines = [];
        this.length = 0;
      } else if (this.length > MAX_ENTRY) this.giveUp(done, 'the entry does not end');
    }
  }

  giveUp(done: Entry[], reason: string): void {
    if (this.lines.length > 0) {
      done.push({ where: this.where, text: this.lines.join(' ').slice(0, 2000), reason });
    }
    this.lines = [];
    this.length = 0;
  }

  private open(line: string, where: string): void {
    this.lines.push(line);
    this.length += line.length;
    this.where = where;
  }
}

function entryOf(text: string, where: string): Entry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (!isJsonObject(value)) return { where, text, reason: 'it is not a JSON object' };
  return { where, text, value: fieldsOf(value) };
}

/** Fields with all their values; one that journalctl left out for its length (null) has an empty list. */
function fieldsOf(entry: JsonObject): JournalEntry {
  const fields = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(entry)) {
    if (isWanted(name)) fields.set(name, valuesOf(value));
  }
  return fields;
}

/** Text; bytes as a list of numbers; several values as a list of those. */
function valuesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (!Array.isArray(value)) return [];
  const list: readonly unknown[] = value;
  if (list.length > 0 && list.every((byte) => typeof byte === 'number')) {
    return [decoder.decode(Uint8Array.from(list))];
  }
  return list.flatMap(valuesOf);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const MARKS = ['\u001E', 'data: '];

/** A line or text without what json-seq and json-sse put before an entry. */
export function bare(text: string): string {
  const mark = MARKS.find((start) => text.startsWith(start));
  return mark === undefined ? text : text.slice(mark.length);
}
