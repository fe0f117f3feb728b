import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactoryArgs, SASLOptions } from 'kafkajs';
import connectionPoolBuilder, { type Protocol } from 'kafkajs/src/cluster/connectionPoolBuilder.js';
import Broker from 'kafkajs/src/broker/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import protocol from 'kafkajs/src/protocol/requests/index.js';
import { FaultlineError } from '../../../core/base';
import type { TlsFiles } from '../http-client';

export interface BrokersOptions {
  readonly brokers: readonly string[];
  /** Undefined for plain text. An authority of its own stands in the system's place. */
  readonly tls: TlsFiles | undefined;
  /** Tried in this order, until the cluster knows one. */
  readonly signIns: readonly SASLOptions[];
  readonly timeoutMs: number;
}

export interface Metadata {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly { nodeId: number; host: string; port: number }[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly isInternal: boolean;
    readonly partitionMetadata: readonly {
      readonly partitionErrorCode: number;
      readonly partitionId: number;
      readonly leader: number;
    }[];
  }[];
}

/** Whoever leads partitions changes now and then. */
const METADATA_MS = 60_000;
const CONNECT_MS = 10_000;
/** Metadata that says which topics are internal and creates none by being asked: Kafka 0.11 to 4. */
const METADATA_VERSION = 4;

/**
 * Connections to the brokers of a cluster, read only, without a consumer group: nothing is left on the cluster.
 * Errors of single topics and partitions are answers here: in an incident some are offline.
 */
export class Brokers {
  private readonly logger = loggers.createLogger({ level: 0, logCreator: () => () => undefined });
  private readonly nodes = new Map<number, Broker>();
  private seed: Promise<Broker> | undefined;
  private signIn: SASLOptions | undefined;
  private known: { readonly at: number; readonly metadata: Promise<Metadata> } | undefined;

  constructor(private readonly options: BrokersOptions) {}

  async metadata(): Promise<Metadata> {
    if (!this.known || Date.now() - this.known.at > METADATA_MS) {
      this.known = { at: Date.now(), metadata: this.askMetadata() };
    }
    try {
      return await this.known.metadata;
    } catch (error) {
      this.known = undefined;
      throw error;
    }
  }

  /** After a leader was not one any more. */
  forgetMetadata(): void {
    this.known = undefined;
  }

  private async askMetadata(): Promise<Metadata> {
    const broker = await this.any();
    const ask = protocol.requests.Metadata.protocol({ version: METADATA_VERSION });
    const { request, response } = ask({ topics: [], allowAutoTopicCreation: false });
    return this.ask(broker, { request, response });
  }

  /** Sends a request to a broker and takes the answer as it comes, errors in it included. */
  async ask<T>(
    broker: Broker,
    {
      request,
      response,
    }: { request: object; response: { decode(payload: Buffer): Promise<unknown> } },
  ): Promise<T> {
    const decode = (payload: Buffer): Promise<T> => response.decode(payload) as Promise<T>;
    const whole: Protocol<T> = {
      request,
      response: { decode, parse: (data) => Promise.resolve(data) },
    };
    if (!broker.isConnected()) await broker.connect();
    return broker.connectionPool.send(whole);
  }

  /** One of the brokers, connected and signed in. */
  async any(): Promise<Broker> {
    for (const broker of this.nodes.values()) if (broker.isConnected()) return broker;
    this.seed ??= this.findSeed();
    try {
      const broker = await this.seed;
      if (!broker.isConnected()) await broker.connect();
      return broker;
    } catch (error) {
      this.seed = undefined;
      throw error;
    }
  }

  async node(nodeId: number): Promise<Broker> {
    const known = this.nodes.get(nodeId);
    if (known?.isConnected()) return known;
    if (known) {
      await known.connect();
      return known;
    }
    const { brokers } = await this.metadata();
    const place = brokers.find((broker) => broker.nodeId === nodeId);
    if (!place)
      throw new FaultlineError('connector/unreachable', 'A partition has no leader now.', {
        retryable: true,
      });
    const broker = await this.open(this.signIn, place);
    this.nodes.set(nodeId, broker);
    return broker;
  }

  /** The first of the given brokers that answers, by the first sign-in that the cluster knows. */
  private async findSeed(): Promise<Broker> {
    const { brokers, signIns } = this.options;
    let last: unknown;
    for (const address of brokers) {
      const at = placeOf(address);
      for (const signIn of signIns.length > 0 ? signIns : [undefined]) {
        try {
          const broker = await this.open(signIn, at);
          this.signIn = signIn;
          return broker;
        } catch (error) {
          last = error;
          if (!isOtherMechanism(error)) break;
        }
      }
    }
    throw last;
  }

  private async open(
    sasl: SASLOptions | undefined,
    at: { host: string; port: number },
  ): Promise<Broker> {
    const { tls, brokers, timeoutMs } = this.options;
    const pools = connectionPoolBuilder({
      brokers,
      clientId: 'faultline',
      ssl: tls && { ...tls },
      // Each connection pool keeps its own way to sign in in this object.
      sasl: sasl && { ...sasl },
      socketFactory,
      connectionTimeout: CONNECT_MS,
      requestTimeout: timeoutMs,
      // Its check is a timer that keeps a program from ending; whoever asks has one of its own.
      enforceRequestTimeout: false,
      maxInFlightRequests: null,
      reauthenticationThreshold: 10_000,
      logger: this.logger,
    });
    const broker = new Broker({ connectionPool: await pools.build(at), logger: this.logger });
    try {
      await broker.connect();
    } catch (error) {
      await broker.disconnect().catch(() => undefined);
      throw error;
    }
    return broker;
  }

  async close(): Promise<void> {
    const open = [...this.nodes.values()];
    const seed = await this.seed?.catch(() => undefined);
    if (seed) open.push(seed);
    this.nodes.clear();
    this.seed = undefined;
    this.known = undefined;
    await Promise.allSettled(open.map((broker) => broker.disconnect()));
  }
}

function placeOf(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(colon + 1)) };
}

function isOtherMechanism(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const type = 'type' in error ? error.type : '';
  return type === 'UNSUPPORTED_SASL_MECHANISM' || /mechanism is not supported/.test(error.message);
}

/** Idle connections don't keep a program from ending. */
function socketFactory({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...name, ...(ssl as object) }, onConnect)
    : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, 60_000);
  socket.unref();
  return socket;
}
