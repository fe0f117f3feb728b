import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultlineError } from '../../core/base';

/** A pair of keys, temporary ones with their token. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the objects of an address are, and how the bucket is named to its server. */
export interface S3Address {
  /** As it was given, in one way of writing it. */
  readonly address: string;
  readonly bucket: string;
  /** '' or what every key begins with, with a slash at its end. */
  readonly prefix: string;
  /** Address of the bucket without a slash at its end; keys follow after a slash. */
  readonly base: string;
  readonly region: string;
  /** Undefined where nothing is configured: public buckets are read unsigned. */
  readonly credentials: AwsKeys | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `s3://bucket/prefix`, with `?endpoint=http://host:port` and `&region=…` where it is not Amazon's. What the
 * address does not say comes from AWS's environment variables, then from the profile in `~/.aws`, as AWS's own tools
 * have it (docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html). An endpoint of one's own is spoken to
 * with the bucket in the path.
 */
export function s3Address(
  text: string,
  env: Environment,
  given: { readonly credentials?: AwsKeys; readonly region?: string } = {},
): S3Address {
  const url = parsed(text);
  const profile = readProfile(env);
  const region =
    url.searchParams.get('region') ??
    given.region ??
    env['AWS_REGION'] ??
    env['AWS_DEFAULT_REGION'] ??
    profile['region'] ??
    'us-east-1';
  const endpoint =
    url.searchParams.get('endpoint') ??
    env['AWS_ENDPOINT_URL_S3'] ??
    env['AWS_ENDPOINT_URL'] ??
    profile['endpoint_url'];
  const bucket = url.hostname;
  const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  return {
    address: `s3://${bucket}/${path}${url.search}`,
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    base: endpoint ? `${checked(endpoint)}/${bucket}` : amazon(bucket, region),
    region,
    credentials: given.credentials ?? credentialsOf(env, profile),
  };
}

/** The address of a bucket on this endpoint; others are as they were. */
export function withEndpoint(address: string, endpoint: string | undefined): string {
  if (endpoint === undefined || !/^s3:/i.test(address)) return address;
  const url = new URL(address);
  url.searchParams.set('endpoint', endpoint);
  return url.href;
}

function parsed(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 's3:' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) {
      return url;
    }
  } catch {
    // said below
  }
  const why = 'This is no address of a bucket: use s3://bucket/prefix.';
  throw new FaultlineError('connector/config', why);
}

function checked(endpoint: string): string {
  if (!/^https?:\/\/[^/?#@]+\/?$/.test(endpoint)) {
    const why = 'This is no S3 endpoint: use http://host:port or https://host.';
    throw new FaultlineError('connector/config', why);
  }
  return endpoint.replace(/\/$/, '');
}

/** A bucket's name with a dot fits no certificate, so it goes into the path. */
function amazon(bucket: string, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return bucket.includes('.')
    ? `https://s3.${region}.${domain}/${bucket}`
    : `https://${bucket}.s3.${region}.${domain}`;
}

function credentialsOf(
  env: Environment,
  profile: Readonly<Record<string, string>>,
): AwsKeys | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (id && secret) return { accessKeyId: id, secretAccessKey: secret, sessionToken: token };
  const { aws_access_key_id: own, aws_secret_access_key: key, aws_session_token: of } = profile;
  return own && key ? { accessKeyId: own, secretAccessKey: key, sessionToken: of } : undefined;
}

/** The settings of AWS_PROFILE (else "default") in the two files of `~/.aws`; credentials win. */
function readProfile(env: Environment): Readonly<Record<string, string>> {
  const name = env['AWS_PROFILE'] || 'default';
  const folder = join(env['HOME'] || homedir(), '.aws');
  const config = env['AWS_CONFIG_FILE'] || join(folder, 'config');
  const credentials = env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials');
  return {
    ...section(config, name === 'default' ? ['default'] : [`profile ${name}`, name]),
    ...section(credentials, [name]),
  };
}

function section(file: string, names: readonly string[]): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const found: Record<string, string> = {};
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (head !== undefined) inside = names.includes(head);
    const pair = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (inside && pair?.[1] !== undefined) found[pair[1]] = pair[2] ?? '';
  }
  return found;
}
