// What is used of kafkajs below its groups and transactions: sockets, sign-in and the encoding of requests.

declare module 'kafkajs/src/cluster/connectionPoolBuilder.js' {
  import type { KafkaConfig, Logger } from 'kafkajs';

  export interface ConnectionPool {
    readonly host: string;
    readonly port: number;
    send<T>(protocol: Protocol<T>): Promise<T>;
    destroy(): Promise<void>;
  }
  export interface Protocol<T> {
    readonly request: object;
    readonly response: {
      decode(payload: Buffer): Promise<T>;
      parse(decoded: T): Promise<T>;
    };
  }
  export default function connectionPoolBuilder(
    options: Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> & {
      readonly brokers: readonly string[];
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly maxInFlightRequests: null;
      readonly reauthenticationThreshold: number;
      readonly logger: Logger;
    },
  ): { build(broker?: { host: string; port: number }): Promise<ConnectionPool> };
}

declare module 'kafkajs/src/broker/index.js' {
  import type { Logger } from 'kafkajs';
  import type { ConnectionPool } from 'kafkajs/src/cluster/connectionPoolBuilder.js';

  export default class Broker {
    constructor(options: {
      readonly connectionPool: ConnectionPool;
      readonly logger: Logger;
      readonly nodeId?: number;
    });
    readonly connectionPool: ConnectionPool;
    /** Versions by the number of an API. */
    readonly versions: Readonly<Record<string, { minVersion: number; maxVersion: number }>>;
    isConnected(): boolean;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    describeConfigs(request: {
      resources: readonly { type: number; name: string; configNames: readonly string[] }[];
    }): Promise<{
      resources: readonly {
        resourceName: string;
        configEntries: readonly { configName: string; configValue: string | null }[];
      }[];
    }>;
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Api<A> {
    protocol(of: { version: number }): (options: A) => {
      readonly request: object;
      readonly response: { decode(payload: Buffer): Promise<unknown> };
    };
  }
  const protocol: {
    readonly requests: {
      readonly Metadata: Api<{
        readonly topics: readonly string[];
        readonly allowAutoTopicCreation: boolean;
      }>;
      readonly ListOffsets: Api<{
        readonly isolationLevel: number;
        readonly topics: readonly {
          topic: string;
          partitions: readonly { partition: number; timestamp: string }[];
        }[];
      }>;
      readonly Fetch: Api<{
        readonly isolationLevel: number;
        readonly maxWaitTime: number;
        readonly minBytes: number;
        readonly maxBytes: number;
        readonly topics: readonly {
          topic: string;
          partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[];
        }[];
      }>;
    };
  };
  export default protocol;
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: {
    createErrorFromCode(
      code: number,
    ): Error & { readonly type: string; readonly retriable: boolean };
  };
  export default errors;
}

declare module 'kafkajs/src/loggers/index.js' {
  import type { Logger } from 'kafkajs';

  const loggers: {
    createLogger(options: { level: number; logCreator: () => () => void }): Logger;
  };
  export default loggers;
}
