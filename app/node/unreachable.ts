import { FaultlineError } from '../../core/base';

/** What was being done when a request failed before the backend could answer. */
type Step = 'name' | 'connect' | 'proxy' | 'tls' | 'answer';

/** Network trouble as an error that says which step failed and what to do; an own error stays as it is. */
export function unreachable(endpoint: string, error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [step, why] = reasonOf(code);
  // The cause is left out on purpose: some errors quote the request with its headers.
  return new FaultlineError('connector/unreachable', `${endpoint} cannot be reached: ${why}.`, {
    retryable: step !== 'tls',
    detail: { endpoint, code, step },
  });
}

function reasonOf(code: string): readonly [Step, string] {
  const known = REASONS[code];
  if (known) return known;
  if (/CERT|SIGNATURE|SSL|TLS/.test(code)) return ['tls', code];
  if (/PROXY|TUNNEL/.test(code)) return ['proxy', code];
  return ['connect', code === '' ? 'the connection failed' : code];
}

const SILENT = 'it did not answer in time';
const CUT = 'the connection was cut';
const UNTRUSTED = 'its certificate is not trusted: give the CA file';
const WANTS_CERTIFICATE = 'it wants a client certificate that it knows';
const PROXY_SIGN_IN = 'the proxy wants a user name and a password, or does not know these';

const REASONS: Readonly<Record<string, readonly [Step, string]>> = {
  ECONNREFUSED: ['connect', 'nothing listens there'],
  EHOSTUNREACH: ['connect', 'there is no way to this address'],
  ENETUNREACH: ['connect', 'there is no way to this address'],
  ETIMEDOUT: ['connect', SILENT],
  ENOTFOUND: ['name', 'the name is not known'],
  EAI_AGAIN: ['name', 'the name could not be looked up'],
  ECONNRESET: ['answer', CUT],
  EPROTO: ['tls', 'it does not speak TLS there, or not ours: is it an http address?'],
  UND_ERR_CONNECT_TIMEOUT: ['connect', SILENT],
  UND_ERR_HEADERS_TIMEOUT: ['answer', SILENT],
  UND_ERR_BODY_TIMEOUT: ['answer', 'its answer stopped'],
  UND_ERR_SOCKET: ['answer', CUT],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', UNTRUSTED],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', UNTRUSTED],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', UNTRUSTED],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', UNTRUSTED],
  CERT_HAS_EXPIRED: ['tls', 'its certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'its certificate is not valid yet: is the clock right?'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'its certificate is for another name'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'it does not speak TLS there: is it an http address?'],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['tls', WANTS_CERTIFICATE],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ['tls', WANTS_CERTIFICATE],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ['tls', WANTS_CERTIFICATE],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ['tls', WANTS_CERTIFICATE],
  PROXY_UNREACHABLE: ['proxy', 'the proxy cannot be reached'],
  PROXY_REFUSED: ['proxy', 'the proxy did not let it through'],
  PROXY_NO_WAY: ['proxy', 'the proxy found no way to it'],
  PROXY_SIGN_IN: ['proxy', PROXY_SIGN_IN],
  // Chromium's names, where the shell speaks through its network stack.
  ERR_CONNECTION_REFUSED: ['connect', 'nothing listens there'],
  ERR_UNSAFE_PORT: ['connect', 'this port is kept for another protocol and is not asked'],
  ERR_NAME_NOT_RESOLVED: ['name', 'the name is not known'],
  ERR_INTERNET_DISCONNECTED: ['connect', 'this machine has no network'],
  ERR_ADDRESS_UNREACHABLE: ['connect', 'there is no way to this address'],
  ERR_CONNECTION_RESET: ['answer', CUT],
  ERR_CONNECTION_CLOSED: ['answer', CUT],
  ERR_EMPTY_RESPONSE: ['answer', CUT],
  ERR_CONNECTION_TIMED_OUT: ['connect', SILENT],
  ERR_TIMED_OUT: ['answer', SILENT],
  ERR_PROXY_CONNECTION_FAILED: ['proxy', 'the proxy cannot be reached'],
  ERR_TUNNEL_CONNECTION_FAILED: ['proxy', 'the proxy did not let it through'],
  ERR_PROXY_AUTH_REQUESTED: ['proxy', PROXY_SIGN_IN],
  ERR_CERT_AUTHORITY_INVALID: ['tls', UNTRUSTED],
  ERR_CERT_DATE_INVALID: ['tls', 'its certificate has expired'],
  ERR_CERT_COMMON_NAME_INVALID: ['tls', 'its certificate is for another name'],
  ERR_SSL_CLIENT_AUTH_CERT_NEEDED: ['tls', WANTS_CERTIFICATE],
  ERR_SSL_PROTOCOL_ERROR: ['tls', 'it does not speak TLS there: is it an http address?'],
};
