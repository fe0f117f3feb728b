/** Words of PromQL that are no metric (prometheus.io/docs/prometheus/latest/querying/operators). */
const WORDS = new Set(
  'and or unless bool offset by without on ignoring group_left group_right atan2 start end inf nan'.split(
    ' ',
  ),
);
/** Words that a list of labels in parentheses may follow. */
const LABELS_FOLLOW = new Set('by without on ignoring group_left group_right'.split(' '));

const TOKEN =
  /\s+|#[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`|[a-zA-Z_:][\w:]*|[\d.][\w.]*|[\s\S]/g;

/**
 * The series selectors of a PromQL expression, as they stand in it: names, matchers, or both. Functions,
 * operators, label lists and ranges are passed over.
 */
export function selectorsOf(expression: string): readonly string[] {
  const tokens = (expression.match(TOKEN) ?? []).filter((token) => !/^(\s+|#.*)$/.test(token));
  const found: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '[') at = closing(tokens, at, '[', ']');
    else if (token === '{') {
      const end = closing(tokens, at, '{', '}');
      found.push(tokens.slice(at, end + 1).join(''));
      at = end;
    } else if (/^[a-zA-Z_:]/.test(token)) at = word(tokens, at, found);
  }
  return found;
}

/** A name: a function, a word of the language, or a metric with its matchers. Gives the last token read. */
function word(tokens: readonly string[], at: number, found: string[]): number {
  const name = tokens[at] ?? '';
  const next = tokens[at + 1];
  const low = name.toLowerCase();
  if (LABELS_FOLLOW.has(low) && next === '(') return closing(tokens, at + 1, '(', ')');
  if (WORDS.has(low) || next === '(') return at;
  // An aggregation may have its labels before its operand: sum by (job) (up).
  if (next !== undefined && LABELS_FOLLOW.has(next.toLowerCase())) {
    const after = tokens[at + 2] === '(' ? closing(tokens, at + 2, '(', ')') + 1 : at;
    if (/^(by|without)$/i.test(next) && tokens[after] === '(') return at;
  }
  if (next !== '{') {
    found.push(name);
    return at;
  }
  const end = closing(tokens, at + 1, '{', '}');
  found.push(tokens.slice(at, end + 1).join(''));
  return end;
}

/** The place of the bracket that closes the one at `at`; the last token where none does. */
function closing(tokens: readonly string[], at: number, open: string, close: string): number {
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    if (tokens[i] === open) depth++;
    else if (tokens[i] === close && --depth === 0) return i;
  }
  return tokens.length - 1;
}
