import { FaultlineError, throwIfAborted } from '../../core/base';
import type { UpstreamResponse } from '../../core/connect';
import type { Access, AuthKind, Credentials } from '../../core/host';
import { signAws } from './aws-signature';
import type { HttpClient, HttpRequest } from './http-client';
import { OauthToken } from './oauth-token';

/** The client with what says who asks put into each request; 'connector/config' where something is missing for it. */
export function signedIn(
  client: HttpClient,
  auth: AuthKind,
  access: Access,
  credentials: Credentials,
): HttpClient {
  if (auth === 'oauth2') return withToken(client, access, credentials);
  const sign = signerOf(auth, access, credentials);
  return (request, signal) => client(sign(request), signal);
}

type Sign = (request: HttpRequest) => HttpRequest;

function signerOf(
  auth: Exclude<AuthKind, 'oauth2'>,
  access: Access,
  credentials: Credentials,
): Sign {
  switch (auth) {
    case 'basic': {
      const { username = '', password = '' } = credentials;
      const both = Buffer.from(`${username}:${password}`).toString('base64');
      return withHeader('authorization', `Basic ${both}`);
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
    case 'none':
      return (request) => request;
  }
}

/** A token that the backend does not take any more is fetched anew, once. */
function withToken(client: HttpClient, access: Access, credentials: Credentials): HttpClient {
  const token = new OauthToken(client, {
    tokenUrl: needed(access.tokenUrl, 'the address that gives tokens'),
    clientId: needed(access.clientId, 'a client id'),
    clientSecret: needed(credentials.clientSecret, 'a client secret'),
    scope: access.scope,
  });
  return async (request, signal) => {
    const ask = (value: string): Promise<UpstreamResponse> =>
      client(withHeader('authorization', `Bearer ${value}`)(request), signal);
    const first = await token.get();
    throwIfAborted(signal);
    const answer = await ask(first);
    if (answer.status !== 401) return answer;
    token.forget(first);
    return ask(await token.get());
  };
}

function withHeader(name: string, value: string): Sign {
  return (request) => ({ ...request, headers: { ...request.headers, [name]: value } });
}

function needed(value: string | undefined, what: string): string {
  if (value) return value;
  throw new FaultlineError('connector/config', `This sign-in needs ${what}.`);
}
