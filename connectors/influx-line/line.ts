export interface InfluxLine {
  /** Measurement and tags as they stand there: equal ones are one set of series. */
  readonly key: string;
  readonly measurement: string;
  readonly tags: readonly (readonly [string, string])[];
  /** Names and values as they stand there; a text has its quotes. */
  readonly fields: readonly (readonly [string, string])[];
  /** '' where the line has no time. */
  readonly time: string;
}

const COMMA = 44;
const SPACE = 32;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * One line of InfluxDB's line protocol (docs.influxdata.com, "Line protocol"), or why it is none:
 * `measurement,tag=value field=1.5,other=2i 1465839830100400200`.
 */
export function parseLine(line: string): InfluxLine | string {
  const start = endOf(line, 0, false);
  if (start === 0) return 'the line has no measurement';
  const tags: (readonly [string, string])[] = [];
  let at = start;
  while (line.charCodeAt(at) === COMMA) {
    const pair = pairAt(line, at + 1);
    if (!pair || pair.value === '') return 'a tag can not be read';
    tags.push([unescape(pair.name), unescape(pair.value)]);
    at = pair.end;
  }
  const key = line.slice(0, at);
  while (line.charCodeAt(at) === SPACE) at++;
  if (at >= line.length) return 'the line has no fields';
  const fields: (readonly [string, string])[] = [];
  for (at--; fields.length === 0 || line.charCodeAt(at) === COMMA;) {
    const pair = pairAt(line, at + 1);
    if (!pair || pair.value === '') return 'a field can not be read';
    fields.push([unescape(pair.name), pair.value]);
    at = pair.end;
  }
  return {
    key,
    measurement: unescape(line.slice(0, start)),
    tags,
    fields,
    time: line.slice(at).trim(),
  };
}

/** Where a name or value ends that is not quoted: at a comma or blank (or equals sign) without a backslash. */
function endOf(line: string, from: number, equals: boolean): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === COMMA || code === SPACE || (equals && code === EQUALS)) return at;
  }
  return line.length;
}

function pairAt(
  line: string,
  from: number,
): { readonly name: string; readonly value: string; readonly end: number } | undefined {
  const nameEnd = endOf(line, from, true);
  if (nameEnd === from || line.charCodeAt(nameEnd) !== EQUALS) return undefined;
  const valueAt = nameEnd + 1;
  const quoted = line.charCodeAt(valueAt) === QUOTE;
  const end = quoted ? quoteEnd(line, valueAt + 1) + 1 : endOf(line, valueAt, false);
  if (end === 0) return undefined;
  return { name: line.slice(from, nameEnd), value: line.slice(valueAt, end), end };
}

/** -1 where the quote does not end. */
function quoteEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** A backslash stands only before a comma, an equals sign or a blank. */
function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,= ])/g, '$1') : text;
}

const TRUE: ReadonlySet<string> = new Set(['t', 'T', 'true', 'True', 'TRUE']);
const FALSE: ReadonlySet<string> = new Set(['f', 'F', 'false', 'False', 'FALSE']);

/** A field's number: 1.5, 2i, 3u, true is 1; or why it has none. */
export function numberOfField(value: string): number | string {
  if (value.charCodeAt(0) === QUOTE) return 'the field is a text';
  if (TRUE.has(value)) return 1;
  if (FALSE.has(value)) return 0;
  const whole = value.endsWith('i') || value.endsWith('u');
  const digits = whole ? value.slice(0, -1) : value;
  const fits = whole
    ? /^-?\d+$/.test(digits)
    : /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(digits);
  return fits ? Number(digits) : 'the field is not a number';
}
