import type { Attributes } from '../../model';
import { isJsonObject } from '../import-json';
import type { NoticeCounts } from '../import-tally';

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';
/** Below this nothing is looked at: no record of a program is nested so, and the stack must last. */
const DEPTH = 200;

/** Names, taken apart into words, whose values are secrets. */
const SECRET_NAME =
  /\b(?:passwords?|passwd|passphrase|pwd|userpass|secrets?|authorization|cookies?|credentials?|jwt|bearer|apikey|accesstoken|refreshtoken|idtoken|authtoken)\b|\b(?:api|private|secret|signing|access|account|shared access) key\b|\btoken$|\b(?:x amz signature|sig)$/;
/** Words that make a name say something about a secret rather than hold it. */
const ABOUT =
  /\b(?:name|names|id|ids|arn|type|count|length|policy|version|status|enabled|required|expired|expires|expiry|expiration|age|date|time|at|ref|provider|url|uri|size|used)$/;
/** Tokens that only say where a list goes on, or keep a request from being made twice. */
const HARMLESS =
  /^(?:.* )?(?:next|page|continuation|pagination|client|client request|idempotency) token$/;

const named = new Map<string, boolean>();
const MOST_NAMES = 20_000;

/** True where a field, header or parameter of this name holds a secret: `password`, `X-Api-Key`, `dbSecret`. */
export function isSecretName(name: string): boolean {
  let secret = named.get(name);
  if (secret === undefined) {
    const words = name
      .slice(0, 200)
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replace(/[^A-Za-z0-9]+/g, ' ')
      .trim()
      .toLowerCase();
    secret = SECRET_NAME.test(words) && !ABOUT.test(words) && !HARMLESS.test(words);
    if (named.size >= MOST_NAMES) named.clear();
    named.set(name, secret);
  }
  return secret;
}

/** Cheap, and true of every text that one of the patterns below could change. */
const SUSPECT =
  /passw|passphrase|pwd|secret|token|api[_-]?key|authorization|cookie|credential|signature|bearer|basic |identified |eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|AIza|[sr]k_live_|npm_|PRIVATE KEY|:\/\/[^\s/@]{1,200}@/i;

const VALUE = String.raw`\\?["']?\s*(?:=>|=|:)\s*(?:\\?"(?:[^"\\]|\\(?!"))*|\\?'[^']*|(?:(?:bearer|basic|digest|token)\s+)?[^\s"',;&}\])\\]+)`;
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    REDACTED,
  ],
  // A whole header: cookies have spaces and semicolons of their own.
  [/\b((?:set-)?cookie["']?\s*:\s*["']?)[^"'\r\n]+/gi, `$1${REDACTED}`],
  // A scheme and its credentials, with the parameters that some schemes list; what a line says after them stays.
  [
    /\b(authorization["']?\s*[:=]\s*["']?)(?:[A-Za-z][\w-]{0,30}\s+)?(?:\w{1,30}="[^"]*"?|[^\s"',;}]+)(?:,\s*\w{1,30}=(?:"[^"]*"?|[^\s"',;}]+))*/gi,
    `$1${REDACTED}`,
  ],
  [/\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${REDACTED}`],
  [/\b(basic\s+)(?=[A-Za-z0-9+/]{0,200}[0-9=])[A-Za-z0-9+/]{8,}={0,2}/gi, `$1${REDACTED}`],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  // An access key's id is no secret alone; its ends are enough to follow it.
  [/\b(A[KS]IA)[A-Z0-9]{12}([A-Z0-9]{4})\b/g, '$1…$2'],
  [
    /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|[sr]k_live_\w{10,}|npm_[A-Za-z0-9]{30,})/g,
    REDACTED,
  ],
  // SQL that makes or changes a user.
  [
    /\b(password\s{1,4}|identified\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?(?:by|as)\s{1,4})'[^']*'?/gi,
    `$1'${REDACTED}'`,
  ],
  [/(:\/\/[^\s/:@"]{0,100}:)[^\s/@"]{1,200}@/g, `$1${REDACTED}@`],
];
/** `password=…`, `"client_secret": "…"`, `?access_token=…`; the name is kept. */
const ASSIGNED = new RegExp(
  String.raw`(password|passwd|passphrase|pwd|secret|token|api[_-]?key|secret[_-]?access[_-]?key|credentials?|x-amz-signature)(${VALUE})`,
  'gi',
);

/**
 * A text with its secrets replaced: what is assigned to a name of a secret, authorization and cookie headers,
 * bearer tokens, JSON web tokens, keys of well-known shape, passwords in addresses, private keys.
 */
export function redactText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  let out = text;
  for (const [pattern, by] of PATTERNS) out = out.replace(pattern, by);
  return out.replace(ASSIGNED, assigned);
}

/** `token: }` of a parser's complaint and `password=` alone are no secrets; neither is what is redacted already. */
function assigned(whole: string, name: string, rest: string): string {
  const m = /^(\\?["']?\s*(?:=>|=|:)\s*\\?["']?)(.*)$/s.exec(rest);
  const value = m?.[2] ?? '';
  const least = /token/i.test(name) ? 8 : 1;
  if (value.length < least || value.startsWith('[') || /^(?:null|true|false|none)$/i.test(value)) {
    return whole;
  }
  return `${name}${m?.[1] ?? ''}${REDACTED}`;
}

/** Takes secrets out of what becomes rows, and says in a notice how many. */
export class Redactor {
  constructor(private readonly notices: NoticeCounts) {}

  text(text: string): string {
    const out = redactText(text);
    if (out !== text) this.count();
    return out;
  }

  /** The value of a field, header or parameter of that name. */
  field(name: string, value: string): string {
    return isSecretName(name) ? this.named(name, value) : this.text(value);
  }

  /** By the name alone, for values that are too plain to be looked at. */
  named(name: string, value: string): string {
    if (value === '' || value === REDACTED || !isSecretName(name)) return value;
    this.count();
    return REDACTED;
  }

  /** The same object where nothing had to be taken out. */
  attributes(attributes: Attributes): Attributes {
    let out: Record<string, string> | undefined;
    for (const name in attributes) {
      const value = attributes[name] ?? '';
      const clean = this.field(name, value);
      if (clean !== value) (out ??= { ...attributes })[name] = clean;
    }
    return out ?? attributes;
  }

  /**
   * A JSON value with the secrets in it replaced, at any depth: by the name of a member, in lists of
   * `{name, value}`, and within texts.
   */
  value(value: unknown, name = '', depth = 0): unknown {
    if (typeof value === 'string') return this.field(name, value);
    if (typeof value !== 'object' || value === null) {
      if (typeof value !== 'number' || !isSecretName(name)) return value;
      this.count();
      return REDACTED;
    }
    if (depth > DEPTH) return this.tooDeep();
    // Credentials that are an object say which parts of them are secret.
    if (isSecretName(name) && !/credentials?$|cookies$/i.test(name)) {
      if (Object.keys(value).length === 0) return value;
      this.count();
      return REDACTED;
    }
    const cookies = /cookies$/i.test(name);
    if (Array.isArray(value)) {
      return value.map((item) =>
        this.value(item, isJsonObject(item) && !cookies ? '' : name, depth + 1),
      );
    }
    return this.object({ ...value }, cookies, depth + 1);
  }

  /** `cookies` are an object of names and values, or each an object with `value`. */
  private object(
    object: Record<string, unknown>,
    cookies: boolean,
    depth: number,
  ): Record<string, unknown> {
    const called = object['name'] ?? object['key'] ?? object['parameterName'];
    const pair = typeof called === 'string' && ('value' in object || 'parameterValue' in object);
    for (const key in object) {
      const isValue = pair && /^(?:value|parameterValue)$/.test(key);
      const name = cookies && (isValue || !pair) ? 'cookie' : isValue ? called : key;
      object[key] = this.value(object[key], name, depth);
    }
    return object;
  }

  private tooDeep(): string {
    this.notices.add(
      'nested-too-deeply',
      'warning',
      (n) => `${n} values are nested over ${DEPTH} levels deep; what lies below is left out.`,
    );
    return '[nested too deeply]';
  }

  private count(): void {
    this.notices.add(
      'secrets-redacted',
      'info',
      (n) =>
        `${n} values look like secrets (passwords, tokens, keys); ${REDACTED} stands for them.`,
    );
  }
}
