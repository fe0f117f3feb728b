/** What a service does for one request, step by step. Times are medians in milliseconds. */
export type Step =
  | { readonly do: 'cpu'; readonly ms: number }
  | CallStep
  | DatabaseStep
  | CacheStep
  | { readonly do: 'publish'; readonly topic: string }
  | ExternalStep
  | { readonly do: 'parallel'; readonly steps: readonly Step[] }
  /** An internal span around steps. */
  | { readonly do: 'span'; readonly name: string; readonly steps: readonly Step[] };

export interface CallStep {
  readonly do: 'call';
  readonly service: string;
  readonly op: string;
  /** Milliseconds until the caller gives up; the callee goes on working. */
  readonly timeout: number;
  /** Further attempts after a time-out, a refusal or a 5xx answer. */
  readonly retries: number;
  /** Without it the answer is poorer, not an error; guarded by a circuit breaker. */
  readonly optional?: boolean;
  /** Share of requests that make this call. */
  readonly chance?: number;
}

export interface DatabaseStep {
  readonly do: 'db';
  readonly db: string;
  readonly statement: string;
  readonly chance?: number;
}

export interface CacheStep {
  readonly do: 'cache';
  readonly cache: string;
  readonly verb: string;
  /** Share of reads that find their key; the others go through `miss`. */
  readonly hit?: number;
  readonly miss?: readonly Step[];
  /** Go on without the cache (through `miss`) where it doesn't answer. */
  readonly fallback?: boolean;
}

export interface ExternalStep {
  readonly do: 'external';
  readonly host: string;
  readonly route: string;
  readonly ms: number;
  readonly timeout: number;
  readonly retries: number;
  readonly chance?: number;
}

export interface OperationDef {
  /** HTTP method and route, or gRPC service/method; the server span's name. */
  readonly name: string;
  readonly steps: readonly Step[];
}

export type Language = 'go' | 'java' | 'nodejs' | 'python' | 'dotnet';

export interface ServiceDef {
  readonly name: string;
  readonly language: Language;
  readonly version: string;
  readonly transport: 'http' | 'grpc';
  readonly instances: number;
  /** Requests that one instance works on at once, and how many may wait. */
  readonly workers: number;
  readonly queue: number;
  /** Connections per instance to each database it uses. */
  readonly connections: number;
  /** MiB: after start, and where the kernel kills it. */
  readonly memory: { readonly base: number; readonly limit: number };
  /** Prometheus' job label, where it isn't the service's name. */
  readonly job?: string;
  readonly operations: Readonly<Record<string, OperationDef>>;
  /** Topic that it consumes, each message by this operation. */
  readonly consumes?: { readonly topic: string; readonly op: string; readonly newTrace?: boolean };
}

export interface StatementDef {
  /** db.operation.name and db.collection.name. */
  readonly verb: string;
  readonly table: string;
  readonly text: string;
  readonly ms: number;
  /** Rows that the database reads for it. */
  readonly rows: number;
}

export interface DatabaseDef {
  readonly name: string;
  readonly system: 'postgresql' | 'mysql';
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  /** Statements that run at once; the others queue inside the database. */
  readonly slots: number;
  readonly statements: Readonly<Record<string, StatementDef>>;
}

export interface CacheDef {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly ms: number;
}

export interface TopicDef {
  readonly name: string;
  readonly broker: string;
}

export interface TrafficClass {
  readonly op: string;
  /** Weight in the mix. */
  readonly weight: number;
}

export interface SystemDef {
  readonly namespace: string;
  readonly entry: string;
  readonly services: readonly ServiceDef[];
  readonly databases: readonly DatabaseDef[];
  readonly caches: readonly CacheDef[];
  readonly topics: readonly TopicDef[];
  /** Worker machines that carry the instances, and cores of each. */
  readonly hosts: { readonly count: number; readonly cores: number };
  readonly traffic: readonly TrafficClass[];
}
