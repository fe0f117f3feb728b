import { FaultlineError } from '../../core/base';

/** A PromQL series selector, taken apart so that matchers can be added. */
export interface Selector {
  /** `http_requests_total` of `http_requests_total{code="500"}`. */
  readonly name?: string;
  /** What stands between its braces, without a comma at its end. */
  readonly matchers: string;
}

/** Everything. */
export const ALL: Selector = { matchers: '' };

/** Selectors as the field `match` has them: one a line, or separated by semicolons. */
export function parseSelectors(text: string): readonly Selector[] {
  const parts = topLevelParts(text)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length === 0 ? [ALL] : parts.map(parseSelector);
}

function topLevelParts(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if (quote !== '') {
      if (c === '\\' && quote !== '`') at++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'" || c === '`') {
      quote = c;
    } else if (c === ';' || c === '\n') {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function parseSelector(text: string): Selector {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*(?:\{([\s\S]*)\})?$/.exec(text);
  if (!match) {
    throw new FaultlineError(
      'connector/config',
      `"${text}" is no series selector. Use a name, matchers in braces, or both: up{job="api"}.`,
    );
  }
  const matchers = (match[2] ?? '').trim().replace(/,$/, '').trim();
  return match[1] === undefined ? { matchers } : { name: match[1], matchers };
}

/** A selector with further matchers, as PromQL. */
export function render({ name, matchers }: Selector, ...more: readonly string[]): string {
  const own = name === undefined ? [] : [matcher('__name__', '=', name)];
  const all = [...more, ...own, matchers].filter((part) => part !== '');
  return `{${all.length === 0 ? '__name__!=""' : all.join(',')}}`;
}

export function matcher(label: string, operator: '=' | '!=' | '=~' | '!~', value: string): string {
  return `${label}${operator}${quoted(value)}`;
}

/** `__name__` being one of the given. */
export function namedOneOf(names: readonly string[]): string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return matcher('__name__', '=', only);
  return matcher('__name__', '=~', names.map(escapeRegex).join('|'));
}

export function escapeRegex(text: string): string {
  return text.replace(/[.+*?()|[\]{}^$\\]/g, '\\$&');
}

export function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
