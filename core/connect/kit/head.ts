import type { Head } from '../format';
import { isJsonObject, type JsonObject } from '../import-json';
import { partialJson } from './partial-json';

/** HEAD_BYTES of import-bytes: a head this long was cut. */
const FULL = 64 << 10;
const LINES = 200;

interface Seen {
  json?: { readonly value: unknown };
  lines?: readonly string[];
  objects?: readonly JsonObject[];
}

/** Sixty formats look at the same head: what they ask for is worked out once. */
const seen = new WeakMap<Head, Seen>();

function seenOf(head: Head): Seen {
  let of = seen.get(head);
  if (!of) seen.set(head, (of = {}));
  return of;
}

/**
 * The first JSON value of a head as far as it goes: what is open where the head ends is closed, the last
 * scalar may be missing. Undefined where the head does not begin with an object or a list.
 */
export function headJson(head: Head): unknown {
  return (seenOf(head).json ??= { value: partialJson(head.text) }).value;
}

/** The first object of a head: the value itself, or the first item of its list; {} where there is none. */
export function headObject(head: Head): JsonObject {
  const value = headJson(head);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isJsonObject(first) ? first : {};
}

/** The first whole lines that are not empty (up to 200), without line ends and byte order mark. */
export function headLines(head: Head): readonly string[] {
  const of = seenOf(head);
  if (of.lines) return of.lines;
  const lines = head.text.replace(/^\uFEFF/, '').split('\n', LINES + 1);
  const cut = lines.length > LINES || head.bytes.length >= FULL;
  if (cut && lines.length > 1) lines.pop();
  of.lines = lines
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line.trim() !== '');
  return of.lines;
}

/** The objects on the first lines (up to 200), as JSON lines have them; [] where none of the first five lines is one. */
export function headJsonLines(head: Head): readonly JsonObject[] {
  const of = seenOf(head);
  if (of.objects) return of.objects;
  const objects: JsonObject[] = [];
  for (const [at, line] of headLines(head).entries()) {
    const value = line.trimStart().startsWith('{') ? parsed(line) : undefined;
    if (isJsonObject(value)) objects.push(value);
    else if (at === 4 && objects.length === 0) break;
  }
  of.objects = objects;
  return objects;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Of the head's first lines, the share that fits; 0 where there is none. */
export function shareOfLines(head: Head, fits: (line: string) => boolean): number {
  const lines = headLines(head);
  return lines.length === 0 ? 0 : lines.filter(fits).length / lines.length;
}
