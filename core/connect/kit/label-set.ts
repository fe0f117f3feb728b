/** Where the label set that begins a line ends (behind its brace); -1 where it does not. */
export function labelsEnd(line: string): number {
  if (line.charCodeAt(0) !== OPEN) return -1;
  for (let at = 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === CLOSE) return at + 1;
    if (code !== QUOTE) continue;
    at = quoteEnd(line, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

const OPEN = 123;
const CLOSE = 125;
const QUOTE = 34;
const BACKSLASH = 92;

/** Where the quote closes that was opened before `from`. */
function quoteEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** `{a="1", b="2"}` as labels; undefined where it is none. Names may be quoted (UTF-8 names). */
export function parseLabels(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {};
  let at = 1;
  for (;;) {
    while (text[at] === ' ' || text[at] === ',') at++;
    if (text[at] === '}') return at === text.length - 1 ? labels : undefined;
    const quoted = text[at] === '"';
    const nameEnd = quoted ? quoteEnd(text, at + 1) : text.indexOf('=', at);
    if (nameEnd < 0) return undefined;
    const name = quoted ? unquote(text.slice(at + 1, nameEnd)) : text.slice(at, nameEnd);
    at = nameEnd + (quoted ? 1 : 0);
    if (name === '' || text[at] !== '=' || text[at + 1] !== '"') return undefined;
    const end = quoteEnd(text, at + 2);
    if (end < 0) return undefined;
    labels[name] = unquote(text.slice(at + 2, end));
    at = end + 1;
  }
}

const SHORT: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What Go's strconv.Quote wrote, without the quotes: \n, \x00, \u200b, \U0001f600. */
function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gi,
    (_, x?: string, u?: string, wide?: string, char?: string) => {
      const hex = x ?? u ?? wide;
      if (hex === undefined) return SHORT[char ?? ''] ?? char ?? '';
      const point = Number.parseInt(hex, 16);
      return point > 0x10ffff ? '\uFFFD' : String.fromCodePoint(point);
    },
  );
}
