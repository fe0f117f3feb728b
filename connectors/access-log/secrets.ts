import { REDACTED, isSecretName } from '../../core/connect';

/** In a query string more is secret than elsewhere: keys, signatures, one-time codes. */
const PARAMETER =
  /^(?:key|sig|signature|auth|sid|sessionid|session|phpsessid|jsessionid|jwt|otp|pin|pass|ticket|assertion|x-amz-credential|x-goog-(?:signature|credential))$/i;
/** `code` is OAuth's where it is long; a short one is a voucher or a country. */
const LONG_CODE = 16;

/** A path or address without the secrets of its query string; names and order stay. */
export function queryWithoutSecrets(address: string): {
  readonly text: string;
  readonly count: number;
} {
  const mark = address.indexOf('?');
  if (mark < 0) return { text: address, count: 0 };
  let count = 0;
  const pairs = address.slice(mark + 1).split('&');
  for (const [i, pair] of pairs.entries()) {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1);
    if (equals < 0 || value === '' || value === REDACTED) continue;
    if (!isSecret(decoded(pair.slice(0, equals)), value)) continue;
    pairs[i] = pair.slice(0, equals + 1) + REDACTED;
    count++;
  }
  return { text: address.slice(0, mark + 1) + pairs.join('&'), count };
}

function isSecret(name: string, value: string): boolean {
  if (/^code$/i.test(name)) return value.length >= LONG_CODE;
  return PARAMETER.test(name) || isSecretName(name);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
