import type { SASLOptions } from 'kafkajs';
import { FaultlineError, cancelled } from '../../../core/base';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../../core/connect';
import {
  authOf,
  isBrokerAddress,
  parseBrokerAddress,
  type Access,
  type AuthKind,
  type Credentials,
} from '../../../core/host';
import type { TlsFiles } from '../http-client';
import { Brokers } from './brokers';
import { answerOfError } from './errors';
import { clusterFacts, fetchRecords, listOffsets, listTopics, topicPolicies } from './requests';

export interface KafkaUpstreamOptions {
  readonly url: string;
  readonly auth?: AuthKind;
  readonly access?: Access;
  readonly credentials?: Credentials;
  readonly caFile?: string;
  /** Longest wait for an answer. */
  readonly timeoutMs?: number;
}

/** Reads the PEM files of an own certificate authority and of a client certificate. */
type ReadTls = (caFile: string | undefined, access: Access, passphrase?: string) => TlsFiles;

/** Connections that nobody has used for this long are closed; the next request opens them again. */
const IDLE_MS = 30_000;

/**
 * What connectors read of a Kafka cluster, in the shape of HTTP: GET /cluster, /topics, /offsets, /policies as JSON
 * and /records as bytes (`requests.ts`). Nothing else can be asked, nothing is written, no consumer group is made.
 * Undefined for an address of another kind.
 */
export function kafkaUpstream(
  options: KafkaUpstreamOptions,
  readTls: ReadTls,
): { upstream: Upstream; endpoint: string } | undefined {
  if (!isBrokerAddress(options.url)) return undefined;
  const address = parseBrokerAddress(options.url);
  if (!address) {
    const why =
      'This is no address of Kafka brokers: use kafka://host:9092,host-2:9092 or kafka+ssl://….';
    throw new FaultlineError('connector/config', why);
  }
  const { caFile, access = {} } = options;
  const tls = readTls(caFile, access, options.credentials?.keyPassphrase);
  if ((tls.ca ?? tls.cert) !== undefined && !address.tls) {
    const why = 'Certificates are given, but the address says plain text: use kafka+ssl://….';
    throw new FaultlineError('connector/config', why);
  }
  if (access.proxy && access.proxy !== 'direct') {
    const why = 'Kafka is not reached through an HTTP proxy: set the proxy to "direct".';
    throw new FaultlineError('connector/config', why);
  }
  const credentials = options.credentials ?? address;
  checkAuth(options.auth ?? authOf(credentials));
  const timeoutMs = options.timeoutMs ?? 60_000;
  const brokers = new Brokers({
    brokers: address.brokers,
    tls: address.tls ? tls : undefined,
    signIns: signInsOf(credentials),
    timeoutMs,
  });
  const session = new Session(brokers, address.url, timeoutMs);
  return {
    upstream: { send: (request, signal) => session.send(request, signal) },
    endpoint: address.url,
  };
}

function checkAuth(auth: AuthKind): void {
  if (auth === 'none' || auth === 'basic' || auth === 'bearer') return;
  const why =
    'Kafka is signed in to with a user name and password, a bearer token or a client certificate.';
  throw new FaultlineError('connector/config', why);
}

/** The strongest first: with SCRAM the password itself is not sent. */
function signInsOf({ username, password = '', token }: Credentials): readonly SASLOptions[] {
  if (token) {
    return [
      { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: token }) },
    ];
  }
  if (!username) return [];
  return [
    { mechanism: 'scram-sha-512', username, password },
    { mechanism: 'scram-sha-256', username, password },
    { mechanism: 'plain', username, password },
  ];
}

class Session {
  private working = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly brokers: Brokers,
    private readonly endpoint: string,
    private readonly timeoutMs: number,
  ) {}

  async send(request: UpstreamRequest, signal: AbortSignal | undefined): Promise<UpstreamResponse> {
    if (signal?.aborted) throw cancelled();
    clearTimeout(this.idle);
    this.working++;
    const query = new Query(request.query ?? []);
    // Sockets don't keep the program alive; an answer that is waited for does.
    let giveUp: NodeJS.Timeout | undefined;
    let leave: (() => void) | undefined;
    const ended = new Promise<never>((_, reject) => {
      giveUp = setTimeout(() => reject(this.late()), this.timeoutMs + query.wait());
      leave = () => reject(cancelled());
      signal?.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([this.answer(request, query), ended]);
    } catch (error) {
      return answerOfError(error, this.endpoint, this.brokers);
    } finally {
      clearTimeout(giveUp);
      if (leave) signal?.removeEventListener('abort', leave);
      if (--this.working === 0)
        this.idle = setTimeout(() => void this.brokers.close(), IDLE_MS).unref();
    }
  }

  private late(): FaultlineError {
    void this.brokers.close();
    const why = `${this.endpoint} cannot be reached: it did not answer in time.`;
    return new FaultlineError('connector/unreachable', why, { retryable: true });
  }

  private async answer({ method, path }: UpstreamRequest, query: Query): Promise<UpstreamResponse> {
    const { brokers } = this;
    if (method !== 'GET') return json({ error: 'Kafka is only read.' }, 405);
    switch (path) {
      case '/cluster':
        return json(await clusterFacts(brokers));
      case '/topics':
        return json(await listTopics(brokers));
      case '/offsets':
        return json(await listOffsets(brokers, query.all('topic'), query.one('at')));
      case '/policies':
        return json(await topicPolicies(brokers, query.all('topic')));
      case '/records': {
        const body = await fetchRecords(brokers, {
          topic: query.one('topic'),
          partition: Number(query.one('partition')),
          offset: query.one('offset'),
          maxBytes: Number(query.one('max_bytes')),
          waitMs: query.wait(),
        });
        const headers = {
          'content-type': 'application/octet-stream',
          'content-length': String(body.length),
        };
        return { status: 200, headers, body };
      }
      default:
        return json({ error: `There is no ${path}.` }, 404);
    }
  }
}

class Query {
  constructor(private readonly pairs: readonly (readonly [string, string])[]) {}

  all(name: string): readonly string[] {
    return this.pairs.filter(([key]) => key === name).map(([, value]) => value);
  }

  one(name: string): string {
    return this.all(name)[0] ?? '';
  }

  /** Milliseconds that a broker may wait for records that are not there yet. */
  wait(): number {
    const wait = Number(this.one('wait_ms'));
    return Number.isFinite(wait) ? Math.min(Math.max(0, wait), 60_000) : 0;
  }
}

export function json(value: unknown, status = 200): UpstreamResponse {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json' }, body };
}
