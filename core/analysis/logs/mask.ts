import { ANY } from '../../model';

/** Words and marks of a line with its variable parts masked, and the same as text. */
export interface MaskedLine {
  readonly text: string;
  readonly tokens: readonly string[];
}

/** Longer lines are told apart by their beginning. */
const MOST_CHARACTERS = 2000;
const MOST_TOKENS = 120;

const WORD = 0;
const MARK = 1;
const SPACE = 2;

/** Class of each ASCII character; what lies above is part of a word. */
const CLASSES = new Uint8Array(128);
for (const mark of '=:,;()[]{}"\'|<>') CLASSES[mark.charCodeAt(0)] = MARK;
for (let code = 0; code <= 32; code++) CLASSES[code] = SPACE;

const classOf = (code: number): number => (code < 128 ? (CLASSES[code] ?? WORD) : WORD);
const LISTING = new Set([',', ':', ';', '|']);

/**
 * Splits a line into words and marks and masks what varies by its shape: words with a digit, paths, and what
 * follows an equals sign. Variables side by side, or listed with marks between, become one, so that lists of
 * any length look the same. One set of rules for every system; none knows a format.
 */
export function maskLine(line: string): MaskedLine {
  const scan = new Scan();
  const length = Math.min(line.length, MOST_CHARACTERS);
  let at = 0;
  while (at < length && scan.tokens.length < MOST_TOKENS) {
    const kind = classOf(line.charCodeAt(at));
    if (kind === SPACE) {
      scan.spaced = true;
      at++;
    } else if (kind === MARK) {
      scan.add(line.charAt(at++), false);
    } else {
      at = scan.word(line, at, length);
    }
  }
  return scan.result();
}

class Scan {
  readonly tokens: string[] = [];
  spaced = false;
  private readonly pieces: string[] = [];

  word(line: string, from: number, length: number): number {
    let varies = false;
    let slashes = 0;
    let at = from;
    for (; at < length; at++) {
      const code = line.charCodeAt(at);
      if (classOf(code) !== WORD) break;
      if (code >= 48 && code <= 57) varies = true;
      if (code === 47) slashes++;
    }
    const path = slashes >= 2 && line.charCodeAt(from) === 47;
    const given = this.tokens.at(-1) === '=';
    if (varies || path || given) this.add(ANY, true);
    else this.add(line.slice(from, at), false);
    return at;
  }

  add(token: string, varies: boolean): void {
    const { tokens, pieces } = this;
    const last = tokens.at(-1);
    const listed = last !== undefined && LISTING.has(last) && tokens.at(-2) === ANY;
    if (varies && (last === ANY || listed)) {
      if (listed) {
        tokens.pop();
        pieces.pop();
      }
    } else {
      pieces.push(this.spaced && tokens.length > 0 ? ` ${token}` : token);
      tokens.push(token);
    }
    this.spaced = false;
  }

  result(): MaskedLine {
    return { text: this.pieces.join(''), tokens: this.tokens };
  }
}

/** Multipliers of the two halves of a key (cyrb53's, by bryc). */
const K1 = 2654435761;
const K2 = 1597334677;
/** Stand for a variable part, and for a space before a token. */
const ANY_CODE = 0x9e3779b1;
const SPACED = 0x85ebca6b;

/** What the last token was, as far as the next one asks. */
const OTHER = 0;
const VARIABLE = 1;
const LISTED = 2;
const EQUALS = 3;

/**
 * Number of a masked line: equal for lines of the same masked text, and not for others (53 bits). The same
 * rules as `maskLine` without making a text: what is done for every line, where that is for every new one.
 */
export class LineKeys {
  /** Whether the last line was longer than what is looked at. */
  cut = false;
  private h1 = 0;
  private h2 = 0;
  /** As they were before the last mark, which a variable after it takes back. */
  private before1 = 0;
  private before2 = 0;
  private last = OTHER;
  private tokens = 0;
  private spaced = false;

  key(line: string): number {
    this.h1 = 0xdeadbeef;
    this.h2 = 0x41c6ce57;
    this.tokens = 0;
    this.last = OTHER;
    this.spaced = false;
    const length = line.length < MOST_CHARACTERS ? line.length : MOST_CHARACTERS;
    let at = 0;
    while (at < length && this.tokens < MOST_TOKENS) {
      const code = line.charCodeAt(at);
      const kind = code < 128 ? CLASSES[code] : WORD;
      if (kind === WORD) at = this.word(line, at, length);
      else {
        at++;
        if (kind === SPACE) this.spaced = true;
        else this.mark(code);
      }
    }
    this.cut = at < line.length;
    const h1 = Math.imul(this.h1 ^ (this.h1 >>> 16), 2246822507) ^ (this.h2 >>> 13);
    const h2 = Math.imul(this.h2 ^ (this.h2 >>> 13), 3266489909) ^ (h1 >>> 16);
    return (h1 >>> 0) * 0x200000 + (h2 >>> 11);
  }

  private word(line: string, from: number, length: number): number {
    let w1 = 0x2545f491;
    let w2 = 0x1b873593;
    let varies = false;
    let slashes = 0;
    let at = from;
    for (; at < length; at++) {
      const code = line.charCodeAt(at);
      if (code < 128 && CLASSES[code] !== WORD) break;
      if (code >= 48 && code <= 57) varies = true;
      else if (code === 47) slashes++;
      w1 = Math.imul(w1 ^ code, K1);
      w2 = Math.imul(w2 ^ code, K2);
    }
    const path = slashes >= 2 && line.charCodeAt(from) === 47;
    if (varies || path || this.last === EQUALS) this.variable();
    else {
      this.push(w1 ^ (w1 >>> 15), w2 ^ (w2 >>> 15));
      this.last = OTHER;
    }
    return at;
  }

  private mark(code: number): void {
    const { h1, h2 } = this;
    const listed =
      this.last === VARIABLE && (code === 44 || code === 58 || code === 59 || code === 124);
    this.push(Math.imul(code, K1), Math.imul(code, K2));
    this.last = listed ? LISTED : code === 61 ? EQUALS : OTHER;
    this.before1 = h1;
    this.before2 = h2;
  }

  private variable(): void {
    if (this.last === LISTED) {
      this.h1 = this.before1;
      this.h2 = this.before2;
      this.tokens--;
    } else if (this.last !== VARIABLE) this.push(ANY_CODE, ANY_CODE);
    this.last = VARIABLE;
    this.spaced = false;
  }

  private push(a: number, b: number): void {
    const space = this.spaced && this.tokens > 0 ? SPACED : 0;
    const h1 = Math.imul(this.h1 ^ a ^ space, K1);
    const h2 = Math.imul(this.h2 ^ b ^ space, K2);
    this.h1 = h1 ^ (h1 >>> 15);
    this.h2 = h2 ^ (h2 >>> 13);
    this.tokens++;
    this.spaced = false;
  }
}
