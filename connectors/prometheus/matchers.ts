/** One matcher of a selector, taken apart. */
export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

const MATCHER =
  /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`)\s*(?:,|$)/y;

/** The matchers between a selector's braces; undefined where one of them is not understood. */
export function parseMatchers(text: string): readonly Matcher[] | undefined {
  const found: Matcher[] = [];
  MATCHER.lastIndex = 0;
  while (MATCHER.lastIndex < text.length) {
    const match = MATCHER.exec(text);
    if (!match) return undefined;
    const value = unquoted(match[3] ?? '');
    if (value === undefined) return undefined;
    found.push({ label: match[1] ?? '', operator: match[2] as Matcher['operator'], value });
  }
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** A Go string; undefined where it has an escape by number. */
function unquoted(text: string): string | undefined {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  let known = true;
  const value = inner.replace(/\\([\s\S])/g, (_, c: string) => {
    known &&= ESCAPES[c] !== undefined;
    return ESCAPES[c] ?? '';
  });
  return known ? value : undefined;
}
