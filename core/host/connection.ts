import { z } from 'zod';
import { parseBrokerAddress } from './broker-address';

/** How a person or program signs in to a backend. */
export type AuthKind = 'none' | 'basic' | 'bearer' | 'api-key' | 'oauth2' | 'aws';

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name of a header');
/** These hold a sign-in whatever else they hold. */
const NO_SECRET = /^(?!((proxy-)?authorization|cookie)$)/i;
const headerValue = z.string().regex(/^[^\r\n\0]*$/, 'is more than one line');
const path = z.string().max(4096);

/** What it takes to reach a backend and to sign in beyond its address, none of it secret. */
const accessSchema = z.object({
  /** api-key: the header that holds the key alone; missing for `Authorization: ApiKey …`. */
  apiKeyHeader: headerName.optional(),
  /** oauth2: where tokens of the client credentials grant come from (RFC 6749 §4.4). */
  tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
  clientId: z.string().optional(),
  scope: z.string().optional(),
  /** aws: "eu-central-1", and "s3", "es", "aoss", "aps"… */
  region: z.string().optional(),
  service: z.string().optional(),
  /** PEM files of a client certificate (with its chain) and its key. */
  certFile: path.optional(),
  keyFile: path.optional(),
  /** Address of an HTTP proxy, 'direct' for none; missing for the environment's or the system's. */
  proxy: z.union([z.literal('direct'), z.url({ protocol: /^https?$/ })]).optional(),
  /** Sent with every request, such as X-Scope-OrgID. */
  headers: z.record(headerName.regex(NO_SECRET, 'is always a secret'), headerValue).optional(),
  /** Names of headers whose values are kept with the credentials. */
  secretHeaders: z.array(headerName).readonly().optional(),
  /** The address is Grafana's: the uid of the data source to ask through it, or its number; '' to be chosen. */
  grafana: z
    .string()
    .regex(/^[\w-]*$/, 'is no uid of a data source')
    .optional(),
});
export type Access = Readonly<z.infer<typeof accessSchema>>;

/** A connection as pages send it and as it is stored. */
export const connectionSchema = z.object({
  id: z.string().min(1).max(200),
  connector: z.string().min(1).max(100),
  name: z.string().max(200),
  /** `s3://bucket/prefix` for a lake, a broker's address for Kafka. */
  url: z.union([
    z.url({ protocol: /^(https?|s3)$/ }),
    z.string().refine((text) => parseBrokerAddress(text) !== undefined),
  ]),
  auth: z.enum(['none', 'basic', 'bearer', 'api-key', 'oauth2', 'aws']),
  /** Path of a PEM file with an own certificate authority; '' for the system's. */
  caFile: path,
  /** The connector's own fields. */
  config: z.record(z.string(), z.string()),
  access: accessSchema.optional(),
});
/** A backend that a person configured. Credentials are kept apart, by connection id. */
export type Connection = Readonly<z.infer<typeof connectionSchema>>;

const secret = z.string().optional();
/** Everything secret about a connection: it goes to the host and never comes back. */
export const credentialsSchema = z.object({
  username: secret,
  password: secret,
  token: secret,
  apiKey: secret,
  clientSecret: secret,
  accessKeyId: secret,
  secretAccessKey: secret,
  /** Of temporary AWS credentials. */
  sessionToken: secret,
  /** Of the client certificate's key. */
  keyPassphrase: secret,
  proxyUsername: secret,
  proxyPassword: secret,
  /** Values of `access.secretHeaders`. */
  headers: z.record(headerName, headerValue).optional(),
});
export type Credentials = Readonly<z.infer<typeof credentialsSchema>>;

type SecretName = Exclude<keyof Credentials, 'headers'>;

const SIGN_IN: Readonly<Record<AuthKind, readonly SecretName[]>> = {
  none: [],
  basic: ['username', 'password'],
  bearer: ['token'],
  'api-key': ['apiKey'],
  oauth2: ['clientSecret'],
  aws: ['accessKeyId', 'secretAccessKey', 'sessionToken'],
};
const OPTIONAL = new Set<SecretName>(['password', 'sessionToken']);

type Secretive = Pick<Connection, 'auth' | 'access'>;

/** Secrets without which a connection cannot be used, by name; headers as "header X-Key". */
export function lackingSecrets(
  { auth, access }: Secretive,
  kept: Credentials | undefined,
): readonly string[] {
  const names = SIGN_IN[auth].filter((name) => !OPTIONAL.has(name) && !kept?.[name]);
  const headers = (access?.secretHeaders ?? []).filter((name) => !kept?.headers?.[name]);
  return [...names, ...headers.map((name) => `header ${name}`)];
}

/**
 * What is kept after a change: what the connection has use for, the new before the old. A sign-in, a proxy's or a
 * passphrase is replaced as a whole, so that no old session token stays beside a new key.
 */
export function mergedSecrets(
  { auth, access }: Secretive,
  kept: Credentials | undefined,
  given: Credentials | null,
): Credentials {
  const groups: readonly (readonly SecretName[])[] = [
    SIGN_IN[auth],
    ...(access?.keyFile === undefined ? [] : [['keyPassphrase'] as const]),
    ...(access?.proxy === undefined ? [] : [['proxyUsername', 'proxyPassword'] as const]),
  ];
  const merged = groups.map((names) => {
    const source = names.some((name) => given?.[name] !== undefined) ? given : kept;
    return Object.fromEntries(
      names.flatMap((name) => (source?.[name] ? [[name, source[name]]] : [])),
    );
  });
  const headers = (access?.secretHeaders ?? []).flatMap((name) => {
    const value = given?.headers?.[name] ?? kept?.headers?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.assign(
    {},
    ...merged,
    headers.length === 0 ? {} : { headers: Object.fromEntries(headers) },
  ) as Credentials;
}

/** How credentials without a word about it are meant. */
export function authOf(credentials: Credentials | undefined): AuthKind {
  const kinds = ['bearer', 'api-key', 'oauth2', 'aws', 'basic'] as const;
  return kinds.find((kind) => SIGN_IN[kind].some((name) => credentials?.[name])) ?? 'none';
}

/** Path of Grafana's proxy before a data source; its uid, or the number that older versions want. */
export function grafanaPath(dataSource: string): string {
  const which = /^\d+$/.test(dataSource) ? dataSource : `uid/${dataSource}`;
  return `/api/datasources/proxy/${which}`;
}

/** The address that a case names as the place its rows came from; never a secret. */
export function endpointOf({ url, access }: Pick<Connection, 'url' | 'access'>): string {
  return access?.grafana ? `${url}${grafanaPath(access.grafana)}` : url;
}
