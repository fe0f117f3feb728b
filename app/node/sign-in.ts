import { FaultlineError } from '../../core/base';
import type { Access, AuthKind, Credentials } from '../../core/host';
import { signAws } from './aws-signature';
import type { HttpRequest } from './http-client';

/** Puts into a request what says who asks. */
export type SignIn = (request: HttpRequest) => HttpRequest;

/** The sign-in of a connection, but for that with a token that is fetched; 'connector/config' where something is missing. */
export function signInOf(auth: AuthKind, access: Access, credentials: Credentials): SignIn {
  switch (auth) {
    case 'basic': {
      const { username = '', password = '' } = credentials;
      return withHeader(
        'authorization',
        `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      );
    }
    case 'bearer':
      return withHeader('authorization', `Bearer ${needed(credentials.token, 'a token')}`);
    case 'api-key': {
      const key = needed(credentials.apiKey, 'an API key');
      return access.apiKeyHeader === undefined
        ? withHeader('authorization', `ApiKey ${key}`)
        : withHeader(access.apiKeyHeader, key);
    }
    case 'aws': {
      const keys = {
        accessKeyId: needed(credentials.accessKeyId, 'an access key'),
        secretAccessKey: needed(credentials.secretAccessKey, 'a secret access key'),
        sessionToken: credentials.sessionToken,
      };
      const scope = {
        region: needed(access.region, 'a region, such as eu-central-1'),
        service: needed(access.service, 'a service: s3, es, aoss or aps'),
      };
      return (request) => signAws(request, scope, keys, new Date());
    }
    default:
      return (request) => request;
  }
}

function withHeader(name: string, value: string): SignIn {
  return (request) => ({ ...request, headers: { ...request.headers, [name]: value } });
}

function needed(value: string | undefined, what: string): string {
  if (value) return value;
  throw new FaultlineError('connector/config', `This sign-in needs ${what}.`);
}
