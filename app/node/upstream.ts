import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { kafkaUpstream } from './kafka/upstream';
import { FaultlineError, cancelled } from '../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../core/connect';
import { authOf, endpointOf, type Access, type AuthKind, type Credentials } from '../../core/host';
import { throughGrafana } from './grafana';
import type { HttpClient, HttpClientOptions, HttpRequest, TlsFiles } from './http-client';
import { signedIn } from './sign-in';
import { unreachable } from './unreachable';

export interface UpstreamOptions {
  readonly url: string;
  /** Id of the connector that asks; Grafana has rules by kind of backend. */
  readonly connector?: string;
  /** Missing: as the credentials are meant. */
  readonly auth?: AuthKind;
  readonly access?: Access;
  readonly credentials?: Credentials;
  /** PEM file with an own certificate authority. */
  readonly caFile?: string;
  /** Longest wait for headers and between pieces of a body. */
  readonly timeoutMs?: number;
}

/**
 * HTTP to one backend over a client of the shell's. The origin is fixed, redirects are not followed,
 * credentials are added here and appear in no answer and no error. `endpoint` is the address without them.
 */
export function upstreamOver(makeClient: (options: HttpClientOptions) => HttpClient) {
  return (options: UpstreamOptions): { upstream: Upstream; endpoint: string } => {
    const kafka = kafkaUpstream(options, tlsFiles);
    if (kafka) return kafka;
    const base = parseUrl(options.url);
    const credentials = credentialsOf(base, options.credentials);
    base.username = '';
    base.password = '';
    const endpoint = base.href.replace(/\/$/, '');
    const { access = {} } = options;
    const auth = options.auth ?? authOf(credentials);
    const { proxyUsername: username, proxyPassword: password } = credentials;
    const plain = makeClient({
      tls: tlsFiles(options.caFile, access, credentials.keyPassphrase),
      proxy: { setting: access.proxy, username, password },
      timeoutMs: options.timeoutMs ?? 120_000,
    });
    const client = signedIn(plain, auth, access, credentials);
    const headers = { ...access.headers, ...credentials.headers };
    const upstream: Upstream = {
      send: (req, signal) => send(endpoint, headers, client, req, signal),
    };
    if (access.grafana === undefined) return { upstream, endpoint };
    return {
      upstream: throughGrafana(upstream, access.grafana, options.connector),
      endpoint: endpointOf({ url: endpoint, access }),
    };
  };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FaultlineError('connector/config', 'This is no address: use http://host:port.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FaultlineError(
      'connector/config',
      'Only http and https addresses can be pulled from.',
    );
  }
  url.hash = '';
  url.search = '';
  return url;
}

/** Credentials that stand in the address come after those that are given. */
function credentialsOf(url: URL, given: Credentials | undefined): Credentials {
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return { ...(username || password ? { username, password } : {}), ...given };
}

/** The PEM files of a connection, read and tried together; 'connector/config' says which of them does not fit. */
function tlsFiles(
  caFile: string | undefined,
  { certFile, keyFile }: Access,
  passphrase: string | undefined,
): TlsFiles {
  const read = (file: string | undefined, what: string): string | undefined => {
    try {
      return file ? readFileSync(file, 'utf8') : undefined;
    } catch (cause) {
      const why = `The ${what} file ${file} cannot be read.`;
      throw new FaultlineError('connector/config', why, { cause });
    }
  };
  const ca = read(caFile, 'CA');
  const cert = read(certFile, 'client certificate');
  // A PEM file often holds both.
  const key = read(keyFile || certFile, 'key');
  if (keyFile && cert === undefined) {
    throw new FaultlineError(
      'connector/config',
      'A key alone is no sign-in: give its certificate.',
    );
  }
  try {
    createSecureContext({ ca, cert, key, passphrase });
  } catch (error) {
    throw new FaultlineError('connector/config', badPem(String(error), certFile, keyFile));
  }
  return { ca, cert, key, passphrase };
}

/** OpenSSL's words differ from version to version; none of them is shown, they could quote a file. */
function badPem(error: string, certFile = '', keyFile = ''): string {
  const key = keyFile || certFile;
  if (/decrypt|password|interrupted|passphrase|BAD_PASS/i.test(error)) {
    return `The key in ${key} is encrypted, and the passphrase does not open it.`;
  }
  if (/key values mismatch/i.test(error)) return `The key in ${key} is not that of ${certFile}.`;
  if (certFile === '') return 'The CA file is no PEM file of certificates.';
  return `${certFile} and ${key} are not a certificate and its key in PEM.`;
}

async function send(
  endpoint: string,
  extra: Readonly<Record<string, string>>,
  client: HttpClient,
  req: UpstreamRequest,
  signal: AbortSignal | undefined,
): Promise<UpstreamResponse> {
  const query = new URLSearchParams(
    req.query?.map(([k, v]): [string, string] => [k, v]) ?? [],
  ).toString();
  const request: HttpRequest = {
    url: `${endpoint}${req.path}${query ? `?${query}` : ''}`,
    method: req.method,
    headers: { ...extra, ...req.headers },
    body: req.body,
  };
  try {
    return await client(request, signal);
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw unreachable(endpoint, error);
  }
}
