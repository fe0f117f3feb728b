/**
 * Real servers for the tests: loopback, free ports, a data folder of their own that goes when they stop.
 *
 * ```ts
 * import { available, prometheus } from '../../scripts/servers/index.mjs';
 *
 * const there = await available(prometheus); // prints "SKIPPED: prometheus: reason" where it can't be had
 * describe.skipIf(!there)('a real Prometheus', () => {
 *   let server: RunningPrometheus;
 *   beforeAll(async () => void (server = await prometheus.start({ openMetrics: [file] })));
 *   afterAll(() => server.stop());
 * ```
 */

export type Obtained =
  | {
      readonly state: 'ready';
      readonly name: string;
      readonly version: string;
      /** The program, or the unpacked distribution. */
      readonly path: string;
      /** How it was got, in words. */
      readonly how: string;
      readonly seconds: number;
    }
  | { readonly state: 'missing'; readonly name: string; readonly reason: string };

export interface Running {
  readonly name: string;
  readonly version: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Deleted by `stop`. */
  readonly folder: string;
  /** What the server has printed (the last 200,000 characters). */
  output(): string;
  /** Ends the server by its own id and deletes its data. */
  stop(): Promise<void>;
}

export interface Server<Options, Started extends Running = Running> {
  readonly name: string;
  /** The environment variable that names a ready program. */
  readonly variable: string;
  /** Gets the server, once per process, from the cache when it is there. Never throws. */
  ensure(): Promise<Obtained>;
  /** Resolves when it answers. Throws where the server can't be had or does not start. */
  start(options?: Options): Promise<Started>;
}

/** Gets the server; false, and the SKIPPED line on the console, where it can't be had. */
export function available(server: Server<never>): Promise<boolean>;

/** `name version: how it was got, N s`, or the SKIPPED line. */
export function describeResult(result: Obtained): string;

export interface PrometheusOptions {
  /** The text of a rule file (`groups: …`). */
  readonly rules?: string;
  /** The list under `scrape_configs:`, as YAML text starting at column 0. */
  readonly scrape?: string;
  /** `host:port` of Alertmanagers. Prometheus takes notice of them about five seconds after its start. */
  readonly alertmanagers?: readonly string[];
  /** Scrape and evaluation interval, "1s" unless given. */
  readonly interval?: string;
  /** OpenMetrics files that are turned into blocks before the start. */
  readonly openMetrics?: readonly string[];
  /** More command line flags. */
  readonly flags?: readonly string[];
}

/** Admin API, lifecycle API, remote-write receiver and exemplars are on; retention is 100 years. */
export const prometheus: Server<PrometheusOptions>;

/** One node of 1.79 with a retention of 100 years; takes text at `${url}/api/v1/import/prometheus`. */
export const victoriaMetrics: Server<{
  /** More command line flags (`-search.latencyOffset=0s`). */
  readonly flags?: readonly string[];
}>;

export interface AlertmanagerOptions {
  /** The whole configuration, as YAML text. */
  readonly config?: string;
  /** Without `config`: every alert goes to this address, with its end. */
  readonly webhook?: string;
  readonly flags?: readonly string[];
}

export const alertmanager: Server<
  AlertmanagerOptions,
  Running & {
    /** `host:port`, for {@link PrometheusOptions.alertmanagers}. */
    readonly address: string;
  }
>;

export interface SearchOptions {
  /** More settings of the node (`-Ekey=value`). */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Size of the JVM's heap, "512m" unless given. */
  readonly heap?: string;
}

/** One node of 8.19 (Basic licence, plain HTTP); ready in 5 to 30 s, 0.8 GB resident. */
export const elasticsearch: Server<
  SearchOptions & {
    /** `user:password` of a superuser switches security on. The user's name must not be "elastic". */
    readonly auth?: string;
  },
  Running & {
    /** `authorization` when security is on, else empty. */
    readonly headers: Readonly<Record<string, string>>;
  }
>;

/** One node of 7.17, as `elasticsearch`; for the longer run. */
export const elasticsearch7: typeof elasticsearch;

/** One node of 2.19 without its security plugin; ready in 4 to 20 s. */
export const opensearch: Server<SearchOptions>;

/** One node of 3.6, as `opensearch`; wants a JDK 21 or newer; for the longer run. */
export const opensearch3: Server<SearchOptions>;

export interface CollectorOptions {
  /**
   * The whole configuration, as YAML text. It finds its ports in `${env:OTLP_HTTP_PORT}` and `${env:OTLP_GRPC_PORT}`
   * and a folder in `${env:OUT}`. Unless given: OTLP in, JSON lines into `${env:OUT}/telemetry.jsonl`.
   */
  readonly config?: string;
  /** Without `config`: also sent on to this OTLP/HTTP address (without `/v1/…`). */
  readonly exportTo?: string;
  /** The folder for `${env:OUT}`; it stays when the server stops. A folder of the server's own unless given. */
  readonly out?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Receivers otlp, otlp_json_file; exporters file, otlp_grpc, otlp_http, debug; connectors span_metrics, service_graph. */
export const collector: Server<
  CollectorOptions,
  Running & {
    /** `host:port` of OTLP/gRPC; `url` is OTLP/HTTP (without `/v1/…`). */
    readonly grpc: string;
    /** What the default configuration writes. */
    readonly file: string;
  }
>;

export interface JaegerOptions {
  /** Ports for OTLP; free ones unless given. */
  readonly otlpHttp?: number;
  readonly otlpGrpc?: number;
  /** Traces that the memory storage keeps, 100,000 unless given. */
  readonly maxTraces?: number;
}

/** Memory storage; `url` is the query API (`${url}/api/services`). */
export const jaeger: Server<
  JaegerOptions,
  Running & {
    /** Address without `/v1/traces`. */
    readonly otlpHttp: string;
    /** `host:port` */
    readonly otlpGrpc: string;
  }
>;

export interface ZipkinOptions {
  /** Spans that the memory storage keeps, 500,000 unless given. */
  readonly maxSpans?: number;
}

/** Memory storage; ready in about 5 s, 0.3 GB resident. Spans go to `${url}/api/v2/spans`. */
export const zipkin: Server<ZipkinOptions>;

export interface KafkaOptions {
  /** Asks for a sign-in by these mechanisms: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512. */
  readonly sasl?: {
    readonly mechanisms: readonly string[];
    readonly username: string;
    readonly password: string;
  };
  /** PEM files: a key with its certificate chain, and the authority. */
  readonly tls?: { readonly keystore: string; readonly truststore: string };
  /** More lines of server.properties. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

/** One broker of 4.1 that is its own controller; ready in 4 to 10 s, 0.35 GB resident. `url` is kafka:// or kafka+ssl://. */
export const kafka: Server<
  KafkaOptions,
  Running & {
    /** `host:port` */
    readonly address: string;
  }
>;

export interface S3ProxyOptions {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}

/** An S3 server with no bucket yet; `url` is the endpoint, buckets are the first part of a path. */
export const s3proxy: Server<
  S3ProxyOptions,
  Running & {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** Its buckets, as folders. */
    readonly data: string;
  }
>;

export interface TrinoOptions {
  /** Where `s3://…` is. */
  readonly s3: {
    readonly url: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

/** One node with the catalog `lake`: Hive tables on S3, its metastore in files. 450 MB to fetch, 1.5 GB resident. */
export const trino: Server<TrinoOptions>;

/** Only `ensure`: the tests start it through Playwright. */
export const chromium: Pick<Server<never>, 'name' | 'variable' | 'ensure'>;

export const SERVERS: readonly Server<never>[];

/** Large ones, for `npm run test:backends` alone. */
export const LONGER: readonly Server<never>[];
