import type { Rng } from '../base';

/** What a service does for one request, step by step. Times are medians in milliseconds. */
export type Step =
  | { readonly do: 'cpu'; readonly ms: number }
  | CallStep
  | DatabaseStep
  | CacheStep
  | { readonly do: 'publish'; readonly topic: string }
  /** Throws, for a share of requests. */
  | { readonly do: 'fail'; readonly chance: number }
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

/** As telemetry.sdk.language names them. */
export type Language =
  'go' | 'java' | 'nodejs' | 'python' | 'dotnet' | 'ruby' | 'php' | 'rust' | 'erlang';

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
  /** messaging.system; Kafka where it is not given. */
  readonly system?: 'kafka' | 'rabbitmq';
}

export interface TrafficClass {
  readonly op: string;
  /** Weight in the mix. */
  readonly weight: number;
}

/** How a system tells of itself. */
export interface TelemetryDef {
  /** Mean requests per second from outside. */
  readonly perSecond: number;
  /** Share of traces that are kept in the size 'sample'. */
  readonly sampling: number;
  /** Milliseconds between scrapes, and between evaluations of the rules. */
  readonly stepMs: number;
  readonly hasLogs: boolean;
  /** Which attributes a resource carries: a pod's, a machine's with versions, or hardly any. */
  readonly resource: 'kubernetes' | 'machine' | 'bare';
  /** Prometheus client histograms; Micrometer's timers; gauges per service only. */
  readonly metrics: 'prometheus' | 'micrometer' | 'gauges';
  /** What the recorded figures of a service over one minute are called. */
  readonly recorded: { readonly rate: string; readonly errors: string; readonly latency: string };
  /** What the alerts on a service are called. */
  readonly alerts: { readonly errors: string; readonly latency: string };
  /** Seconds at the 99th percentile that fire the alert on latency. */
  readonly latencyLimit: number;
}

export interface Chatter {
  readonly service: string;
  readonly everyMs: number;
  readonly severity: 'info' | 'warn' | 'error';
  readonly text: (rng: Rng) => string;
}

/** What happens in a system on every day, whatever the fault. */
export interface NoiseDef {
  readonly releases: readonly {
    readonly service: string;
    readonly version: string;
    readonly message: string;
  }[];
  readonly scale: { readonly service: string; readonly title: string };
  readonly flag: { readonly service: string; readonly name: string; readonly share: number };
  readonly config: { readonly service: string; readonly title: string; readonly key: string };
  /** A report job that reads whole tables for a minute or two. */
  readonly report?: { readonly db: string; readonly statement: string; readonly job: string };
  readonly chatter: readonly Chatter[];
  /** An alert that always fires, and one that comes and goes. */
  readonly disk: { readonly node: string; readonly mountpoint: string };
  readonly flapping: { readonly service: string; readonly name: string; readonly summary: string };
  /** Where the stated architecture is out of date. */
  readonly topology: {
    readonly forgotten: readonly (readonly [string, string])[];
    readonly gone?: readonly [string, string];
  };
}

/** What a good request leaves in the log: `id` is of six digits, `took` in whole milliseconds. */
export type GoodLine = (rng: Rng, id: number, took: number) => string;

/** The words of a system's own logs. */
export interface LogTexts {
  /** By `service.operation`; others use `done`. */
  readonly good: Readonly<Record<string, GoodLine>>;
  /** `service.operation` of requests that always leave a line. */
  readonly always: readonly string[];
  readonly done: (language: Language, name: string, took: number) => string;
  readonly failed: (language: Language, name: string, type: string, message: string) => string;
  readonly slow: (name: string, took: number) => string;
  readonly retry: (target: string, attempt: number, type: string) => string;
  readonly rejected: (waiting: number, busy: number) => string;
  readonly started: (service: string, version: string, seconds: string) => string;
  readonly access: (rng: Rng, name: string, status: number, ms: number) => string;
}

/** A release that asks its database for what no index serves. */
export interface SlowRelease {
  readonly service: string;
  readonly version: string;
  readonly op: string;
  readonly statement: string;
  readonly author: string;
  readonly commit: string;
  readonly message: string;
}

export interface SystemDef {
  readonly id: string;
  readonly title: string;
  readonly namespace: string;
  readonly entry: string;
  /** Where trouble is noticed: the service behind the entry, or the entry itself. */
  readonly front: string;
  readonly services: readonly ServiceDef[];
  readonly databases: readonly DatabaseDef[];
  readonly caches: readonly CacheDef[];
  readonly topics: readonly TopicDef[];
  /** Machines that carry the instances, and cores of each; `name` and a number is what they are called. */
  readonly hosts: { readonly count: number; readonly cores: number; readonly name: string };
  readonly traffic: readonly TrafficClass[];
  readonly telemetry: TelemetryDef;
  readonly noise: NoiseDef;
  readonly texts: LogTexts;
  /** Slow variants of statements, by what they replace. */
  readonly slowVariants: Readonly<Record<string, string>>;
  /** Where they are not given they follow from the statements that have a slow variant. */
  readonly slowReleases?: readonly SlowRelease[];
}
