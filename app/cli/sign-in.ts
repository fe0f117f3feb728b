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
  const credentials = await credentialsOf(flags, env);
  const parsed = connectionSchema.pick({ auth: true, access: true }).safeParse({
    auth: flags.auth ?? authOf(credentials),
    access: { ...regionOf(flags, env), ...settings('--auth-set', flags.authSet ?? []) },
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where =
      issue?.path[0] === 'auth' ? '--auth' : `--auth-set ${issue?.path[1]?.toString() ?? ''}`;
    throw new FaultlineError('usage', `${where}: ${issue?.message ?? 'does not fit'}`);
  }
  return { auth: parsed.data.auth, access: parsed.data.access ?? {}, credentials };
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
