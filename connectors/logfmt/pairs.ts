/** The pairs of a line in their order; words that are no pair are told apart. */
export interface Pairs {
  readonly pairs: ReadonlyMap<string, string>;
  /** Words without "=" that stand behind an unquoted value: they belong to it. */
  readonly loose: number;
}

const KEY = /[A-Za-z_@][\w.@/:-]{0,100}=/y;

/**
 * Key and value as Heroku, go-kit, logrus and slog write them (brandur.org/logfmt; github.com/go-logfmt/logfmt):
 * `key=value key="quoted \" value"`. Undefined where the line does not begin with a pair. Of a key that stands
 * there twice the last value counts.
 */
export function parsePairs(line: string): Pairs | undefined {
  const pairs = new Map<string, string>();
  let loose = 0;
  let key = '';
  let at = 0;
  while (at < line.length) {
    if (line[at] === ' ' || line[at] === '\t') {
      at++;
      continue;
    }
    KEY.lastIndex = at;
    const m = KEY.exec(line);
    if (!m) {
      if (key === '') return undefined;
      const end = wordEnd(line, at);
      pairs.set(key, `${pairs.get(key) ?? ''} ${line.slice(at, end)}`.trim());
      loose++;
      at = end;
      continue;
    }
    key = m[0].slice(0, -1);
    at += m[0].length;
    const end = line[at] === '"' ? quoteEnd(line, at + 1) : wordEnd(line, at);
    if (end < 0) return undefined;
    pairs.set(key, line[at] === '"' ? unquoted(line.slice(at, end)) : line.slice(at, end));
    at = end;
  }
  return pairs.size === 0 ? undefined : { pairs, loose };
}

function wordEnd(line: string, from: number): number {
  let at = from;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++;
  return at;
}

/** Behind the closing quote; -1 where there is none. */
function quoteEnd(line: string, from: number): number {
  let at = from;
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
  return at < line.length ? at + 1 : -1;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Go's quoting: what JSON has, and \x, \a and the like, which stay as they stand there. */
function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (all, code: string) => {
    if (code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? (/[a-z]/.test(code) ? all : code);
  });
}
