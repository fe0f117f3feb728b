import type { Upstream, UpstreamRequest } from '../../core/connect';
import type { Credentials } from '../../core/host';
import { s3Address, type AwsKeys } from './s3-address';
import type { UpstreamOptions } from './upstream';

type Make = (options: UpstreamOptions) => { upstream: Upstream; endpoint: string };

/**
 * As `make`, and for `s3://bucket/prefix` a bucket: paths and lists are below the prefix, requests are signed with the
 * keys that are given (a user name and password are taken for a pair), else with those of AWS's environment
 * variables or profile; without any they go unsigned.
 */
export function withBuckets(make: Make): Make {
  return (options) => {
    if (!/^s3:/i.test(options.url)) return make(options);
    const given = { credentials: keysOf(options.credentials), region: options.access?.region };
    const { region, base, prefix, credentials, address } = s3Address(
      options.url,
      process.env,
      given,
    );
    const { upstream } = make({
      ...options,
      url: base,
      auth: credentials ? 'aws' : 'none',
      access: { ...options.access, region, service: 's3' },
      credentials: { ...options.credentials, ...credentials },
    });
    return { upstream: belowPrefix(upstream, prefix), endpoint: address };
  };
}

function keysOf(given: Credentials | undefined): AwsKeys | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, username, password } = given ?? {};
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
  return username && password ? { accessKeyId: username, secretAccessKey: password } : undefined;
}

function belowPrefix(bucket: Upstream, prefix: string): Upstream {
  const encoded = prefix.split('/').map(encodeURIComponent).join('/');
  const moved = (request: UpstreamRequest): UpstreamRequest =>
    request.path === '/'
      ? {
          ...request,
          query: request.query?.map(([name, value]) => [
            name,
            name === 'prefix' ? `${prefix}${value}` : value,
          ]),
        }
      : { ...request, path: `/${encoded}${request.path.slice(1)}` };
  return { send: (request, signal) => bucket.send(moved(request), signal) };
}
