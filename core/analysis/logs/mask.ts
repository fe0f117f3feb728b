/** What stands for a variable part of a line. */
export const ANY = '<*>';

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
