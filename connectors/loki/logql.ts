import { FaultlineError } from '../../core/base';

/** Labels that streams are grouped by in the list, the first that there is. */
const GROUPS = [
  'service_name',
  'service',
  'app',
  'app_kubernetes_io_name',
  'application',
  'container',
  'job',
  'namespace',
];

/** The label by which streams are best told apart by who wrote them; undefined where there is none at all. */
export function groupLabel(labels: readonly string[]): string | undefined {
  const own = labels.filter((label) => !label.startsWith('__')).sort();
  return GROUPS.find((label) => own.includes(label)) ?? own[0];
}

/** Where the stream selector of a log query ends: the place of its `}`. */
function selectorEnd(query: string): number {
  const text = query.trimStart();
  if (text.startsWith('{')) {
    let quote = '';
    for (let at = query.length - text.length + 1; at < query.length; at++) {
      const char = query[at] ?? '';
      if (quote !== '') {
        if (char === '\\' && quote === '"') at++;
        else if (char === quote) quote = '';
      } else if (char === '"' || char === '`') quote = char;
      else if (char === '}') return at;
    }
  }
  throw new FaultlineError(
    'connector/config',
    'A LogQL query for lines begins with a stream selector, such as {namespace="shop"}.',
  );
}

/** The stream selector alone, without filters and parsers behind it. */
export function selectorOf(query: string): string {
  return query.slice(0, selectorEnd(query) + 1).trim();
}

/** The query with one matcher more in its selector. */
export function withMatcher(query: string, matcher: string): string {
  const end = selectorEnd(query);
  const before = query.slice(0, end).trimEnd();
  const comma = /[{,]$/.test(before) ? '' : ', ';
  return `${before}${comma}${matcher}${query.slice(end)}`;
}

export const matcherOf = (label: string, operator: '=' | '=~', value: string): string =>
  `${label}${operator}${JSON.stringify(value)}`;

/** A matcher for any of the values; an empty one stands for streams without the label. */
export function anyOf(label: string, values: readonly string[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return matcherOf(label, '=', only);
  const quoted = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return matcherOf(label, '=~', quoted.join('|'));
}

/** `app="cart"` of an item's id; undefined for what is none. */
export function readItem(id: string): { label: string; value: string } | undefined {
  const m = /^([A-Za-z_]\w*)=(".*")$/s.exec(id);
  if (!m) return undefined;
  try {
    const value: unknown = JSON.parse(m[2] ?? '');
    return typeof value === 'string' ? { label: m[1] ?? '', value } : undefined;
  } catch {
    return undefined;
  }
}

/** Where a line's level stands: a label, structured metadata, or what Loki 3 found in the line itself. */
const LEVELS = ['level', 'detected_level', 'severity', 'severity_text'];
const ERROR_WORD =
  '(?i)(e|err|error|f|fatal|c|crit|critical|alert|emerg|emergency|panic|severe|failure)[0-9]?';
const IN_TEXT = '(?i)\\b(error|fatal|panic|critical|exception)\\b';

/** How errors are told from other lines by Loki itself. */
export type ErrorsBy = 'level' | 'text';

/** Lines that have a level. */
export const LEVELLED = ` | ${LEVELS.map((name) => `${name}!~"unknown|"`).join(' or ')}`;

export function errorsOf(query: string, by: ErrorsBy): string {
  return by === 'text'
    ? `${query} |~ ${quoted(IN_TEXT)}`
    : `${query} | ${LEVELS.map((name) => `${name}=~${quoted(ERROR_WORD)}`).join(' or ')}`;
}

const quoted = (text: string): string => `\`${text}\``;

/** Nanoseconds as LogQL writes a range. */
export function rangeOf(length: bigint): string {
  return length % 1_000_000_000n === 0n ? `${length / 1_000_000_000n}s` : `${length}ns`;
}
