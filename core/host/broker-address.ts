/** The address of a cluster that is reached over sockets of its own protocol, not over HTTP. */
export interface BrokerAddress {
  /** "host:port" of the brokers that are asked first. */
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly username: string;
  readonly password: string;
  /** The address without a sign-in. */
  readonly url: string;
}

const KAFKA_PORT = 9092;
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/** True where the address asks for Kafka's protocol, well formed or not. */
export function isBrokerAddress(text: string): boolean {
  return /^kafka(?:\+ssl|s)?:/i.test(text.trim());
}

/**
 * "kafka://host:9092,host-2:9092", "kafka+ssl://user:secret@host" (port 9092 unless said); undefined for what
 * is none.
 */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const match = /^kafka(\+ssl|s)?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, secure, signIn = '', hosts = ''] = match;
  const given = hosts.split(',').map((host) => host.trim().toLowerCase());
  if (!given.every((host) => HOST.test(host))) return undefined;
  const brokers = given.map((host) => (/:\d+$/.test(host) ? host : `${host}:${KAFKA_PORT}`));
  const colon = signIn.indexOf(':');
  const [username, password] =
    colon < 0 ? [signIn, ''] : [signIn.slice(0, colon), signIn.slice(colon + 1)];
  return {
    brokers,
    tls: secure !== undefined,
    username: decoded(username),
    password: decoded(password),
    url: `kafka${secure === undefined ? '' : '+ssl'}://${brokers.join(',')}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
