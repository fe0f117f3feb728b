import { FaultlineError } from '../../../core/base';
import type { UpstreamResponse } from '../../../core/connect';
import { parseBrokerAddress } from '../../../core/host';

/** What kafkajs wraps an error in after tries of its own. */
interface KafkaError extends Error {
  readonly code?: unknown;
  readonly type?: unknown;
  readonly retriable?: unknown;
  /** "host:port" */
  readonly broker?: unknown;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it did not answer in time',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection was cut; it may want TLS (kafka+ssl://) or a sign-in',
  EPIPE: 'the connection was cut; it may want TLS (kafka+ssl://) or a sign-in',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted: give the CA file',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted: give the CA file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: give the CA file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted: give the CA file',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

const STATUS: Readonly<Record<string, number>> = {
  TOPIC_AUTHORIZATION_FAILED: 403,
  CLUSTER_AUTHORIZATION_FAILED: 403,
  GROUP_AUTHORIZATION_FAILED: 403,
  SASL_AUTHENTICATION_FAILED: 401,
  ILLEGAL_SASL_STATE: 401,
  UNSUPPORTED_SASL_MECHANISM: 401,
  OFFSET_OUT_OF_RANGE: 416,
};
const GONE = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);

/**
 * An error of the cluster as the answer it would be in HTTP: 401, 403, 416, 503 for what may be better in a moment.
 * Network trouble is thrown as 'connector/unreachable'. No text of the sign-in is repeated.
 */
export function answerOfError(
  thrown: unknown,
  endpoint: string,
  brokers: { forgetMetadata(): void },
): UpstreamResponse {
  if (thrown instanceof FaultlineError) throw thrown;
  const error = innermost(thrown);
  const type = typeof error.type === 'string' ? error.type : '';
  if (GONE.has(type)) brokers.forgetMetadata();
  if (error.name === 'KafkaJSSASLAuthenticationError')
    return refusal(401, 'The sign-in was refused.');
  const status = STATUS[type];
  if (status !== undefined) return refusal(status, error.message);
  if (type !== '')
    return refusal(error.retriable === true ? 503 : 422, `${type}: ${error.message}`);
  throw unreachable(endpoint, error);
}

function unreachable(endpoint: string, error: KafkaError): FaultlineError {
  const code = typeof error.code === 'string' ? error.code : '';
  const closed = /closed|timeout|timed out/i.test(error.message);
  const cut = closed
    ? 'the connection was cut or not answered; it may want TLS (kafka+ssl://) or a sign-in'
    : '';
  const plain = /wrong version number|packet length too long/i.test(error.message);
  const why =
    REASONS[code] ??
    (plain
      ? 'it does not speak TLS: use kafka://'
      : cut || (code === '' ? 'the connection failed' : code));
  const retryable = !/CERT|SIGNATURE|ALTNAME/.test(code) && !plain;
  const broker = typeof error.broker === 'string' ? error.broker : '';
  const named = broker !== '' && !brokersOf(endpoint).includes(broker);
  const message = named
    ? `${endpoint} answers, but ${broker} cannot be reached: ${why}. The cluster names its brokers so (advertised.listeners); these names must work from here, too.`
    : `${endpoint} cannot be reached: ${why}.`;
  const detail = named ? { endpoint, code, broker } : { endpoint, code };
  return new FaultlineError('connector/unreachable', message, { retryable, detail });
}

const brokersOf = (endpoint: string): readonly string[] =>
  (parseBrokerAddress(endpoint)?.brokers ?? []).map((broker) =>
    broker.replace(/^\[(.*)\]:/, '$1:'),
  );

function innermost(thrown: unknown): KafkaError {
  let error = thrown;
  for (let depth = 0; depth < 5; depth++) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Error)) break;
    error = cause;
  }
  return error instanceof Error ? error : new Error(String(error));
}

function refusal(status: number, message: string): UpstreamResponse {
  const body = new TextEncoder().encode(JSON.stringify({ error: message }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}
