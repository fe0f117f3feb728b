import type { Access, Connection, Credentials } from '../../../../core/host';
import { parseAddress } from './address';

type Auth = Connection['auth'];
type SecretName = Exclude<keyof Credentials, 'headers'>;
/** Non-secret fields of `Access` that are one text. */
export type AccessName = Exclude<keyof Access, 'headers' | 'secretHeaders'>;

/** Passwords, tokens and keys: they live here only until they are handed to the host. */
export type SecretFields = Readonly<Partial<Record<SecretName, string>>>;
export type AccessFields = Readonly<Partial<Record<AccessName, string>>>;

/** A header that goes with every request; a secret one is kept with the credentials. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** One field of a way to sign in. */
export type AuthField = {
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
} & (
  | { readonly secret: SecretName; readonly shown?: boolean }
  | { readonly access: AccessName; readonly options?: readonly string[] }
);

/** Every way to sign in, with the fields that it needs, in the order in which they are asked. */
export const AUTH: Readonly<
  Record<Auth, { readonly title: string; readonly fields: readonly AuthField[] }>
> = {
  none: { title: 'none', fields: [] },
  basic: {
    title: 'user name and password',
    fields: [
      { secret: 'username', label: 'User name', shown: true },
      { secret: 'password', label: 'Password', optional: true },
    ],
  },
  bearer: { title: 'bearer token', fields: [{ secret: 'token', label: 'Token' }] },
  'api-key': {
    title: 'API key',
    fields: [
      { secret: 'apiKey', label: 'API key' },
      {
        access: 'apiKeyHeader',
        label: 'Its header',
        hint: 'Authorization: ApiKey …, as Elasticsearch wants it',
        optional: true,
      },
    ],
  },
  oauth2: {
    title: 'OAuth 2 client credentials',
    fields: [
      { access: 'tokenUrl', label: 'Address that gives tokens', hint: 'https://…/oauth/token' },
      { access: 'clientId', label: 'Client id' },
      { secret: 'clientSecret', label: 'Client secret' },
      { access: 'scope', label: 'Scope', optional: true },
    ],
  },
  aws: {
    title: 'AWS signature',
    fields: [
      { secret: 'accessKeyId', label: 'Access key id', shown: true },
      { secret: 'secretAccessKey', label: 'Secret access key' },
      { secret: 'sessionToken', label: 'Session token', optional: true },
      { access: 'region', label: 'Region', hint: 'eu-central-1' },
      { access: 'service', label: 'Service', options: ['es', 'aoss', 'aps', 's3'] },
    ],
  },
};

export interface AccessForm {
  readonly auth: Auth;
  readonly secrets: SecretFields;
  readonly access: AccessFields;
  readonly headers: readonly HeaderField[];
}

/** What the sign-in and the way still lack, in a sentence; `kept` says that the host has the secrets of this kind. */
export function lackingAccess(
  { auth, secrets, access, headers }: AccessForm,
  kept: boolean,
): string | undefined {
  if (access.grafana === '') return 'Choose the data source of Grafana’s.';
  const field = AUTH[auth].fields.find((one) => {
    if (one.optional) return false;
    return 'secret' in one ? !kept && !secrets[one.secret] : !access[one.access]?.trim();
  });
  if (field) return `Give the ${midSentence(field.label)}.`;
  if (auth === 'oauth2' && !parseAddress(access.tokenUrl ?? '')) {
    return 'The address that gives tokens is none.';
  }
  const proxy = access.proxy?.trim() ?? '';
  if (proxy !== '' && proxy !== 'direct' && !parseAddress(proxy)) {
    return 'The proxy is no address such as http://proxy:3128.';
  }
  if (access.keyFile?.trim() && !access.certFile?.trim()) return 'Give the certificate of the key.';
  const wrong = named(headers).find(
    ({ name, value }) => !HEADER.test(name) || /[\r\n]/.test(value),
  );
  return wrong && `"${wrong.name}" is no name of a header.`;
}

/** "User name" is "user name" there, "API key" stays. */
const midSentence = (label: string): string =>
  label.replace(/^[A-Z](?=[a-z ])/, (a) => a.toLowerCase());

/** Rows that are still empty do not count. */
const named = (headers: readonly HeaderField[]): readonly HeaderField[] =>
  headers.filter(({ name, value }) => name !== '' || value !== '');

const HEADER = /^[\w!#$%&'*+.^`|~-]+$/;
/** Headers that are never written to a file. */
const SECRET_HEADER = /^(authorization|cookie)$|key|token|secret|password|auth$/i;

/** Whether a header of this name is mostly a secret. */
export function looksSecret(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** What is kept of the way in clear; undefined where it is as usual. Only what the kind of sign-in uses stays. */
export function accessOf({ auth, access, headers }: AccessForm): Access | undefined {
  const used = new Set<AccessName>(['certFile', 'keyFile', 'grafana']);
  for (const field of AUTH[auth].fields) if ('access' in field) used.add(field.access);
  const texts = Object.entries(access)
    .map(([name, value]) => [name as AccessName, value.trim()] as const)
    .filter(([name, value]) => used.has(name) && (value !== '' || name === 'grafana'));
  const { proxy } = proxyOf(access);
  const plain = named(headers)
    .filter(({ secret }) => !secret)
    .map(({ name, value }) => [name, value]);
  const hidden = named(headers)
    .filter(({ secret }) => secret)
    .map(({ name }) => name);
  const all: Access = {
    ...(Object.fromEntries(texts) as Access),
    ...(proxy === undefined ? {} : { proxy }),
    ...(plain.length === 0 ? {} : { headers: Object.fromEntries(plain) as Record<string, string> }),
    ...(hidden.length === 0 ? {} : { secretHeaders: hidden }),
  };
  return Object.keys(all).length === 0 ? undefined : all;
}

/** What the host is to keep apart; null leaves what it has. */
export function secretsOf({ auth, secrets, access, headers }: AccessForm): Credentials | null {
  const names = AUTH[auth].fields.flatMap((field) => ('secret' in field ? [field.secret] : []));
  const own = names.flatMap((name) => (secrets[name] ? [[name, secrets[name]] as const] : []));
  const passphrase = access.certFile?.trim() ? secrets.keyPassphrase : undefined;
  const { username, password } = proxyOf(access);
  const hidden = named(headers).filter(({ secret, value }) => secret && value !== '');
  const all: Credentials = {
    ...Object.fromEntries(own),
    ...(passphrase ? { keyPassphrase: passphrase } : {}),
    ...(username ? { proxyUsername: username, proxyPassword: password } : {}),
    ...(hidden.length === 0
      ? {}
      : { headers: Object.fromEntries(hidden.map(({ name, value }) => [name, value])) }),
  };
  return Object.keys(all).length === 0 ? null : all;
}

/** A proxy as it is typed, its sign-in taken out. */
function proxyOf(access: AccessFields): {
  readonly proxy?: string;
  readonly username?: string;
  readonly password?: string;
} {
  const typed = access.proxy?.trim() ?? '';
  if (typed === 'direct') return { proxy: typed };
  const address = parseAddress(typed);
  if (!address) return {};
  const { url, username, password } = address;
  return { proxy: url, username, password };
}

/** The form's part of a kept connection. Secret headers are there by name, their values with the host. */
export function accessFormOf({ auth, access = {} }: Connection): AccessForm {
  const { headers = {}, secretHeaders = [], ...texts } = access;
  return {
    auth,
    secrets: {},
    access: texts,
    headers: [
      ...Object.entries(headers).map(([name, value]) => ({ name, value, secret: false })),
      ...secretHeaders.map((name) => ({ name, value: '', secret: true })),
    ],
  };
}
