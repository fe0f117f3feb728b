import { REDACTED, isSecretName, type Redactor } from '../../core/connect';

/** Parameters that log in or stand for a session without a name that says so. */
const CREDENTIAL =
  /^(?:code|state|nonce|session|session_?id|sid|jsessionid|phpsessid|saml_?(?:request|response)|ticket|otp|pin)$/i;

/** An address with the values of secret parameters and its user's password replaced. */
export function cleanUrl(url: string, redactor: Redactor): string {
  const at = url.search(/[?#]/);
  const path = at < 0 ? url : url.slice(0, at);
  const bare = path.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, `$1${REDACTED}@`);
  if (bare !== path) redactor.field('password', path);
  const segments = bare.replace(/;([^=;/]+)=([^;/]+)/g, (_, name: string, value: string) => {
    return `;${name}=${parameter(name, value, redactor)}`;
  });
  if (at < 0) return redactor.text(segments);
  const query = url.slice(at).replace(/([?&#])([^=&#]+)=([^&#]*)/g, pairWith(redactor));
  return redactor.text(segments + query);
}

function pairWith(redactor: Redactor) {
  return (_: string, before: string, name: string, value: string): string =>
    `${before}${name}=${parameter(name, value, redactor)}`;
}

function parameter(name: string, value: string, redactor: Redactor): string {
  const plain = decoded(name);
  const secret = CREDENTIAL.test(plain) || isSecretName(plain);
  return secret ? redactor.field('password', value) : value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Headers that log in or stand for a session without a name that says so. */
const CREDENTIAL_HEADER = /(?:^|-)(?:auth|session|sid|csrf|xsrf|jwt|ticket)(?:-|$)|session-?id/;

/** The value of a header, its name in lower case. */
export function cleanHeader(name: string, value: string, redactor: Redactor): string {
  if (CREDENTIAL_HEADER.test(name)) return redactor.field('password', value);
  if (/^(?:referer|location|content-location|origin|link)$/.test(name)) {
    return cleanUrl(value, redactor);
  }
  return redactor.field(name, value);
}
