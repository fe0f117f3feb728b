import { readFile } from 'node:fs/promises';
import { FaultlineError } from '../../core/base';
import {
  authOf,
  connectionSchema,
  credentialsSchema,
  type Access,
  type AuthKind,
  type Credentials,
} from '../../core/host';
import { settings } from './settings';

export interface SignInFlags {
  readonly auth?: string;
  readonly authSet?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly proxy?: string;
  readonly header?: readonly string[];
  readonly headerFrom?: readonly string[];
  readonly grafana?: string;
  readonly credentials?: string;
}

export interface CommandSignIn {
  readonly auth: AuthKind;
  readonly access: Access;
  readonly credentials: Credentials | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How a command signs in. Secrets come from the environment or a file, never from arguments: those are seen by
 * everyone on the machine. 'usage' for what is missing or does not fit.
 */
export async function signInOf(flags: SignInFlags, env: Environment): Promise<CommandSignIn> {
  const hidden = headersFrom(flags.headerFrom ?? [], env);
  const own = await credentialsOf(flags, env);
  const credentials =
    Object.keys(hidden).length === 0 ? own : { ...own, headers: { ...own?.headers, ...hidden } };
  const access = {
    ...regionOf(flags, env),
    ...settings('--auth-set', flags.authSet ?? []),
    certFile: flags.cert,
    keyFile: flags.key,
    proxy: flags.proxy,
    headers: settings('--header', flags.header ?? []),
    grafana: flags.grafana,
  };
  const parsed = connectionSchema
    .pick({ auth: true, access: true })
    .safeParse({ auth: flags.auth ?? authOf(own), access });
  if (parsed.success) {
    return { auth: parsed.data.auth, access: parsed.data.access ?? {}, credentials };
  }
  const [issue] = parsed.error.issues;
  throw new FaultlineError('usage', `${flagOf(issue?.path)}: ${issue?.message ?? 'does not fit'}`);
}

function flagOf([first, name]: readonly PropertyKey[] = []): string {
  if (first === 'auth') return '--auth';
  const flag = FLAGS[String(name)];
  return flag ?? `--auth-set ${String(name)}`;
}

const FLAGS: Readonly<Record<string, string>> = {
  certFile: '--cert',
  keyFile: '--key',
  proxy: '--proxy',
  headers: '--header',
  grafana: '--grafana',
};

/** Secret headers: `X-Key=VARIABLE` names the variable of the environment that holds the value. */
function headersFrom(pairs: readonly string[], env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings('--header-from', pairs)).map(([name, variable]) => {
      const value = env[variable];
      if (value) return [name, value];
      throw new FaultlineError('usage', `--header-from ${name}: ${variable} is not set.`);
    }),
  );
}

async function credentialsOf(
  flags: SignInFlags,
  env: Environment,
): Promise<Credentials | undefined> {
  if (flags.credentials === undefined) return fromEnvironment(flags.auth, env);
  const text = await readFile(flags.credentials, 'utf8');
  try {
    return credentialsSchema.strict().parse(JSON.parse(text));
  } catch {
    const names = Object.keys(credentialsSchema.shape).join(', ');
    const why = `is no JSON object of texts like {"token": "…"}. Its names can be: ${names}.`;
    throw new FaultlineError('usage', `The credentials file ${flags.credentials} ${why}`);
  }
}

function fromEnvironment(auth: string | undefined, env: Environment): Credentials | undefined {
  const from = (names: Readonly<Record<string, string>>): Credentials =>
    Object.fromEntries(
      Object.entries(names).flatMap(([name, variable]) => {
        const value = env[variable];
        return value ? [[name, value]] : [];
      }),
    );
  const all = { ...from(VARIABLES), ...(auth === 'aws' ? from(AWS_VARIABLES) : {}) };
  return Object.keys(all).length === 0 ? undefined : all;
}

const VARIABLES = {
  token: 'FAULTLINE_TOKEN',
  username: 'FAULTLINE_USERNAME',
  password: 'FAULTLINE_PASSWORD',
  apiKey: 'FAULTLINE_API_KEY',
  clientSecret: 'FAULTLINE_CLIENT_SECRET',
  keyPassphrase: 'FAULTLINE_KEY_PASSPHRASE',
  proxyUsername: 'FAULTLINE_PROXY_USERNAME',
  proxyPassword: 'FAULTLINE_PROXY_PASSWORD',
};

/** As AWS's own tools call them; they count only where AWS is asked for. */
const AWS_VARIABLES = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
};

function regionOf({ auth }: SignInFlags, env: Environment): Access {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  return auth === 'aws' && region ? { region } : {};
}
