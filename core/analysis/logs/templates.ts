import { ANY } from '../../model';
import { LineKeys, maskLine } from './mask';

/** Lines that differ in nothing but masked parts. */
interface Pattern {
  readonly index: number;
  readonly text: string;
  readonly tokens: readonly string[];
  lines: number;
}

/**
 * Templates by longest common patterns (Brain: Yu et al., IEEE TSC 2023). Lines of equal length are brought
 * together by the words that are equally frequent in their columns, then told apart in the columns left
 * where few different words stand. `add` streams; the templates of a length are found anew only after a
 * new pattern of that length came, so a stream ends with what the whole would have given at once, in
 * whatever order the lines came.
 */
export class TemplateMiner {
  /** Lines that were longer than what is looked at, and so told apart by their beginning. */
  cut = 0;
  private readonly keys = new LineKeys();
  private readonly patterns: Pattern[] = [];
  private readonly byKey = new Map<number, Pattern>();
  private readonly byLength = new Map<number, Pattern[]>();
  private readonly stale = new Set<number>();
  private readonly found: string[] = [];

  /** The pattern of a line, an index that stays; what template it has may change with lines to come. */
  add(line: string): number {
    const key = this.keys.key(line);
    if (this.keys.cut) this.cut++;
    const pattern = this.byKey.get(key) ?? this.meet(key, line);
    this.count(pattern);
    return pattern.index;
  }

  /** One more line of a pattern. */
  again(index: number): void {
    const pattern = this.patterns[index];
    if (pattern) this.count(pattern);
  }

  private count(pattern: Pattern): void {
    pattern.lines++;
    this.stale.add(pattern.tokens.length);
  }

  private meet(key: number, line: string): Pattern {
    const pattern: Pattern = { index: this.patterns.length, ...maskLine(line), lines: 0 };
    this.patterns.push(pattern);
    this.byKey.set(key, pattern);
    const peers = this.byLength.get(pattern.tokens.length);
    if (peers) peers.push(pattern);
    else this.byLength.set(pattern.tokens.length, [pattern]);
    return pattern;
  }

  /** How many patterns there are. */
  get size(): number {
    return this.patterns.length;
  }

  /** The template of a pattern, as the lines so far have it. */
  templateOf(pattern: number): string {
    const length = this.patterns[pattern]?.tokens.length ?? 0;
    if (this.stale.delete(length)) this.group(length);
    return this.found[pattern] ?? '';
  }

  private group(length: number): void {
    for (const group of groupsOf(this.byLength.get(length) ?? [], length)) {
      const template = templateText(group);
      for (const { index } of group) this.found[index] = template;
    }
  }
}

/** A column with more different words than this holds a variable. */
const MOST_WORDS = 5;
/** Words at least this frequent, of the most frequent one's lines, can make the common pattern. */
const COMMON = 0.5;
/** A mark says less than a word about what two lines have in common. */
const MARK_WEIGHT = 0.1;

interface Member {
  readonly pattern: Pattern;
  /** Columns that are not part of the common pattern. */
  readonly rest: readonly number[];
}

function groupsOf(patterns: readonly Pattern[], length: number): Pattern[][] {
  const columns = frequencies(patterns, length);
  const roots = new Map<string, Member[]>();
  for (const pattern of patterns) {
    const counts = pattern.tokens.map((token, i) =>
      token === ANY ? 0 : (columns[i]?.get(token) ?? 0),
    );
    const common = commonCount(pattern.tokens, counts);
    const rest = [...counts.keys()].filter((i) => counts[i] !== common);
    const kept = pattern.tokens.map((token, i) => (counts[i] === common ? token : ''));
    const key = `${common}\u0001${kept.join('\u0001')}`;
    const root = roots.get(key);
    if (root) root.push({ pattern, rest });
    else roots.set(key, [{ pattern, rest }]);
  }
  return [...roots.values()].flatMap((members) => {
    const alike = members.map(({ pattern }) => pattern);
    const few = (members[0]?.rest ?? []).filter((i) => wordsIn(alike, i) <= MOST_WORDS);
    return split(alike, few);
  });
}

const wordsIn = (patterns: readonly Pattern[], column: number): number =>
  new Set(patterns.map(({ tokens }) => tokens[column])).size;

/** Lines in which a word stands in a column. */
function frequencies(patterns: readonly Pattern[], length: number): readonly Map<string, number>[] {
  const columns = Array.from({ length }, () => new Map<string, number>());
  for (const { tokens, lines } of patterns) {
    for (const [i, token] of tokens.entries()) {
      const column = columns[i];
      if (token !== ANY && column) column.set(token, (column.get(token) ?? 0) + lines);
    }
  }
  return columns;
}

/** The frequency that most of a line's common words share; the higher one of two that as many share. */
function commonCount(tokens: readonly string[], counts: readonly number[]): number {
  const least = COMMON * Math.max(0, ...counts);
  const weights = new Map<number, number>();
  for (const [i, count] of counts.entries()) {
    if (count === 0 || count < least) continue;
    const weight = /\w/.test(tokens[i] ?? '') ? 1 : MARK_WEIGHT;
    weights.set(count, (weights.get(count) ?? 0) + weight);
  }
  let [best, most] = [0, 0];
  for (const [count, weight] of weights) {
    if (weight > most || (weight === most && count > best)) [best, most] = [count, weight];
  }
  return best;
}

/** Tells patterns apart by the words of all the columns. */
function split(patterns: readonly Pattern[], columns: readonly number[]): Pattern[][] {
  const parts = new Map<string, Pattern[]>();
  for (const pattern of patterns) {
    const words = columns.map((column) => pattern.tokens[column]).join('\u0001');
    const part = parts.get(words);
    if (part) part.push(pattern);
    else parts.set(words, [pattern]);
  }
  return [...parts.values()];
}

/** What all have in common; spaces stand as in the first by text. */
function templateText(patterns: readonly Pattern[]): string {
  const first = patterns.reduce((a, b) => (a.text < b.text ? a : b));
  let text = '';
  let at = 0;
  for (const [i, token] of first.tokens.entries()) {
    const spaced = first.text[at] === ' ';
    at += token.length + (spaced ? 1 : 0);
    const same = patterns.every(({ tokens }) => tokens[i] === token);
    text += `${spaced ? ' ' : ''}${same ? token : ANY}`;
  }
  return text;
}
