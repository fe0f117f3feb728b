/** The text is not the JSON that was expected, at `at`. */
export class JsonError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

const SLOTS = 4096;
const INTERN_MAX = 48;

/**
 * A pull parser over JSON text: the caller walks objects and arrays and takes what it wants, so that no
 * object is made per record or attribute. Repeated short texts (keys, names) are handed out as one string
 * that does not hold the parsed text in memory.
 */
export class JsonCursor {
  text = '';
  pos = 0;
  private end = 0;
  /** Position of the first backslash at or after `pos`, as far as it was looked for. */
  private escape = -1;
  private readonly slots: (string | undefined)[] = new Array<string | undefined>(SLOTS);

  reset(text: string, from = 0, to = text.length): void {
    this.text = text;
    this.pos = from;
    this.end = to;
    this.escape = -1;
  }

  /** Goes back (or on) to a place that was passed over. */
  seek(pos: number): void {
    this.pos = pos;
    this.escape = -1;
  }

  /** The next character's code after white space; -1 at the end. */
  peek(): number {
    while (this.pos < this.end) {
      const code = this.text.charCodeAt(this.pos);
      if (code > 32) return code;
      this.pos++;
    }
    return -1;
  }

  /** Enters an object; its first key, or null where it has none (or is null itself). */
  open(): string | null {
    return this.enter(OPEN_BRACE, '{') ? this.firstKey() : null;
  }

  /** The next key after a value; null after the last. */
  next(): string | null {
    const code = this.peek();
    this.pos++;
    if (code === COMMA) return this.firstKey();
    if (code === CLOSE_BRACE) return null;
    throw this.error('"," or "}" was expected', -1);
  }

  /** The key that stands here, or null where the object ends. */
  firstKey(): string | null {
    const code = this.peek();
    if (code === CLOSE_BRACE) {
      this.pos++;
      return null;
    }
    if (code !== QUOTE) throw this.error('a text was expected');
    const key = this.string();
    if (this.text.charCodeAt(this.pos) !== COLON && this.peek() !== COLON) {
      throw this.error('":" was expected');
    }
    this.pos++;
    return key;
  }

  /** Enters an array; false where it is empty (or null). */
  openArray(): boolean {
    if (!this.enter(OPEN_BRACKET, '[')) return false;
    if (this.peek() !== CLOSE_BRACKET) return true;
    this.pos++;
    return false;
  }

  /** Goes on to the next item after a value; false after the last. */
  item(): boolean {
    const code = this.peek();
    this.pos++;
    if (code === COMMA) return true;
    if (code === CLOSE_BRACKET) return false;
    throw this.error('"," or "]" was expected', -1);
  }

  private enter(open: number, name: string): boolean {
    const code = this.peek();
    if (code === open) {
      this.pos++;
      return true;
    }
    if (this.nil()) return false;
    throw this.error(`"${name}" was expected`);
  }

  /** Passes over a null, which protobuf's JSON takes for an absent value; false where none stands here. */
  nil(): boolean {
    if (this.peek() !== 110 || !this.text.startsWith('null', this.pos)) return false;
    this.pos += 4;
    return true;
  }

  /** A text; '' for null. Short ones are interned. */
  string(): string {
    const { text } = this;
    if (text.charCodeAt(this.pos) !== QUOTE && this.peek() !== QUOTE) {
      if (this.nil()) return '';
      throw this.error('a text was expected');
    }
    const from = this.pos + 1;
    const most = Math.min(this.end, from + INTERN_MAX);
    let hash = 0;
    for (let at = from; at < most; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.pos = at + 1;
        return this.interned(from, at, hash);
      }
      if (code === BACKSLASH) break;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    const close = this.closing(from);
    this.pos = close + 1;
    if (this.escape < close) return this.unescaped(text.slice(from - 1, close + 1));
    return text.slice(from, close);
  }

  /**
   * The inside of `before` text `after`, where exactly that stands here without escapes: the shape that
   * senders write a thousand times. Undefined, without a step, where it does not.
   */
  between(before: string, after: string): string | undefined {
    const { text } = this;
    if (!text.startsWith(before, this.pos)) return undefined;
    const from = this.pos + before.length;
    const most = Math.min(this.end, from + INTERN_MAX);
    let hash = 0;
    for (let at = from; at < most; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        if (!text.startsWith(after, at)) return undefined;
        this.pos = at + after.length;
        return this.interned(from, at, hash);
      }
      if (code === BACKSLASH) return undefined;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return undefined;
  }

  /** An id of so many lower-case hexadecimal digits, not all zero; undefined where there is none. */
  hexId(digits: number): string | undefined {
    const { text, pos } = this;
    const end = pos + 1 + digits;
    if (text.charCodeAt(pos) !== QUOTE || text.charCodeAt(end) !== QUOTE) return undefined;
    let any = 0;
    for (let at = pos + 1; at < end; at++) {
      const code = text.charCodeAt(at);
      if ((code < 48 || code > 57) && (code < 97 || code > 102)) return undefined;
      any |= code ^ 48;
    }
    if (any === 0) return undefined;
    this.pos = end + 1;
    return text.slice(pos + 1, end);
  }

  private unescaped(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.error('a text has a wrong escape');
    }
  }

  /** The end quote of the text that starts at `from`. Afterwards `escape < end` says that it has escapes. */
  private closing(from: number): number {
    const { text } = this;
    let close = text.indexOf('"', from);
    if (this.escape < from) this.findEscape(from);
    if (this.escape > close) {
      if (close < 0 || close >= this.end) throw this.error('a text does not end');
      return close;
    }
    const first = this.escape;
    let at = first;
    for (;;) {
      at += 2;
      close = text.indexOf('"', at);
      const escape = text.indexOf('\\', at);
      if (escape < 0 || escape > close) break;
      at = escape;
    }
    if (close < 0 || close >= this.end) throw this.error('a text does not end');
    return close;
  }

  private findEscape(from: number): void {
    const at = this.text.indexOf('\\', from);
    this.escape = at < 0 ? this.text.length : at;
  }

  private interned(from: number, to: number, hash: number): string {
    const { text } = this;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.slots[slot];
    if (known !== undefined && known.length === to - from) {
      let at = from;
      while (at < to && known.charCodeAt(at - from) === text.charCodeAt(at)) at++;
      if (at === to) return known;
    }
    const fresh = detached(text.slice(from, to));
    this.slots[slot] = fresh;
    return fresh;
  }

  /** A number, or a text with one in it, as its raw characters. */
  numeral(): string {
    const code = this.peek();
    if (code === QUOTE) {
      const from = this.pos + 1;
      const close = this.closing(from);
      this.pos = close + 1;
      return this.text.slice(from, close);
    }
    const from = this.pos;
    this.skipWord();
    return this.text.slice(from, this.pos);
  }

  /** An integer from a number or a text; NaN where it is none. */
  integer(): number {
    const raw = this.numeral();
    return /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
  }

  /** Times that stood there with an exponent: exact to some 256 ns only. */
  rounded = 0;
  private lastSeconds = Number.NaN;
  private lastNs = 0n;

  /** Nanoseconds since the epoch, from a number or a text; 0 where it is none (or negative). */
  nanoseconds(): bigint {
    const quoted = this.peek() === QUOTE;
    const from = this.pos + (quoted ? 1 : 0);
    let at = from;
    let seconds = 0;
    let rest = 0;
    const { text } = this;
    let digits = 0;
    for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at)) {
      if (++digits <= 10) seconds = seconds * 10 + (code - 48);
      else rest = rest * 10 + (code - 48);
    }
    if (digits === 19 && (!quoted || text.charCodeAt(at) === QUOTE)) {
      this.pos = quoted ? at + 1 : at;
      if (seconds !== this.lastSeconds) {
        this.lastSeconds = seconds;
        this.lastNs = BigInt(seconds) * 1_000_000_000n;
      }
      return this.lastNs + BigInt(rest);
    }
    const raw = this.numeral();
    if (/^\d{1,19}$/.test(raw)) return BigInt.asIntN(64, BigInt(raw));
    // As tools write it that keep every number as a double.
    if (!/^\d(\.\d+)?[eE]\+?1\d$/.test(raw)) return 0n;
    this.rounded++;
    return BigInt.asIntN(64, BigInt(Number(raw)));
  }

  /** Passes over any value; its text is `text.slice(from, pos)`. Returns `from`. */
  skip(): number {
    const code = this.peek();
    const from = this.pos;
    if (code === QUOTE) this.pos = this.closing(from + 1) + 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.skipNested();
    else this.skipWord();
    return from;
  }

  private skipNested(): void {
    const { text, end } = this;
    let depth = 0;
    while (this.pos < end) {
      const code = text.charCodeAt(this.pos);
      if (code === QUOTE) {
        this.pos = this.closing(this.pos + 1) + 1;
        continue;
      }
      this.pos++;
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return;
    }
    throw this.error('an object or list does not end');
  }

  private skipWord(): void {
    const from = this.pos;
    while (this.pos < this.end) {
      const code = this.text.charCodeAt(this.pos);
      if (code <= 32 || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break;
      this.pos++;
    }
    if (this.pos === from) throw this.error('a value was expected');
  }

  error(message: string, shift = 0): JsonError {
    const at = Math.min(this.pos + shift, this.end);
    const what = at >= this.end ? `the text ends where ${message}` : message;
    return new JsonError(what, at);
  }
}

/** A copy that does not keep the long text alive that it was cut from. */
export function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
