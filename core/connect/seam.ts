import type { z } from 'zod';
import type { TimeWindow } from '../base';
import type { Attributes, Batch, Notice, Signal } from '../model';
import type { DroppedAt } from './dropped-tally';
import type { Preview, PreviewBy, PreviewRequest } from './preview';

/** A request to one configured connection. The host joins base URL and credentials; they never come here. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path below the connection's base URL, starting with '/', without the query. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, decompressed. */
  readonly body: Uint8Array;
}

/** One connection's HTTP, as the host half offers it. Network trouble is 'connector/unreachable', retryable. */
export interface Upstream {
  send(request: UpstreamRequest, signal?: AbortSignal): Promise<UpstreamResponse>;
}

/** What connectors may know of the world. */
export interface ConnectorEnv {
  readonly upstream: Upstream;
  /** Nanoseconds since the epoch. */
  now(): bigint;
  /** Waits, for retry and rate limits; rejects with 'cancelled'. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Probe {
  /** "Prometheus 2.42.0", "OpenSearch 2.19.4". */
  readonly product: string;
  readonly version: string;
  /** What it holds or can do, in words for the Test button. */
  readonly facts: readonly string[];
  readonly notices: readonly Notice[];
}

/** One thing that can be pulled: a metric, an index pattern, a service. */
export interface CatalogItem {
  readonly id: string;
  readonly title: string;
  readonly signal: Signal;
  /** Records in the window; null where the backend can't count cheaply. */
  readonly count: number | null;
  /** Series, documents, traces… */
  readonly unit: string;
  /** What it was taken for, and how it would be read: "ECS logs; time: @timestamp, message: message". */
  readonly mapping?: string;
  /** That is a guess by names and contents, which a person should look at. */
  readonly guessed?: boolean;
  readonly selected: boolean;
  /** Id of one of the catalog's groups. */
  readonly group?: string;
  /** Items of one family are taken together: a histogram's buckets, sum and count. */
  readonly family?: string;
  /** What it would bring from all windows, estimated before anything is pulled. */
  readonly estimate?: Estimate;
}

export interface Estimate {
  readonly rows: number;
  /** Of the answers, as they are sent. */
  readonly bytes: number;
}

/** What several things say together, and why one would want it. Groups stand in the order of their use. */
export interface CatalogGroup {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Worth proposing for an incident; the others are there to be chosen. */
  readonly matters: boolean;
}

export interface Catalog {
  readonly items: readonly CatalogItem[];
  /** Where the connector knows what its things are for. */
  readonly groups?: readonly CatalogGroup[];
  readonly notices: readonly Notice[];
}

export interface PullRequest {
  /** The incident's window and other baselines to bring along; each is pulled. Empty where a field is `timeless`. */
  readonly windows: readonly TimeWindow[];
  /** Catalog item ids; undefined means what discover() selects. */
  readonly select?: readonly string[];
  /** Most rows a signal may bring; errors are kept whole, the rest is sampled, and said. */
  readonly budget: number;
  /** The last mark that was committed: go on after it, no gap, no duplicate. */
  readonly resumeAt?: string;
}

export type PullItem =
  | { readonly kind: 'batch'; readonly batch: Batch }
  /** All batches before this are safe to commit with this cursor (an opaque text, JSON, no secret). */
  | { readonly kind: 'mark'; readonly cursor: string }
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly total?: number;
      readonly unit: string;
      readonly label: string;
    }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** Full counts by aggregation beside sampled rows. */
  | { readonly kind: 'coverage'; readonly coverage: Coverage }
  /** Records that could not be taken over, with their place in time; they belong to what stands before the next mark. */
  | { readonly kind: 'dropped'; readonly records: DroppedAt };

export interface Coverage {
  readonly signal: Signal;
  readonly window: TimeWindow;
  readonly rowsTotal: number | null;
  readonly rowsKept: number;
  readonly sampled: boolean;
  /** Where the figures come from, in words. */
  readonly how: string;
}

/** A backend adapter: no fetch, no clock, no randomness of its own. */
export interface Connector {
  probe(signal: AbortSignal): Promise<Probe>;
  discover(windows: readonly TimeWindow[], signal: AbortSignal): Promise<Catalog>;
  /** Nothing is requested before next(); abort ends it within one request, code 'cancelled'. */
  pull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullItem>;
  /** What a pull would bring, counted over time by the backend; nothing is read. Abort as of `pull`. */
  preview?(request: PreviewRequest, signal: AbortSignal): Promise<Preview>;
}

/** One field of a connector's form and its command-line flag. */
export interface ConfigField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly required: boolean;
  /** Allowed values, where it is a choice. */
  readonly options?: readonly string[];
  /** It names what to pull: where it is filled in no time is needed, and a window that is given has no say. */
  readonly timeless?: boolean;
  /** Its value is the text of a mapping file (docs/mapping.md). */
  readonly mapping?: boolean;
}

/** What an address of a backend's own pages asks for: a graph, a search, a trace. */
export interface PullLink {
  /** Id of the connector. */
  readonly connector: string;
  /** Base address of the backend; '' where the page's address does not tell it. */
  readonly url: string;
  /** Where `url` is Grafana's: the uid of the data source to ask through it, '' where that has to be chosen. */
  readonly grafana?: string;
  /** What it was taken for: "a Prometheus graph". */
  readonly title: string;
  /** Instants as a person would type them ("now-1h", RFC 3339, epoch); missing where the address has none. */
  readonly from?: string;
  readonly to?: string;
  /** Settings of the connector that follow from it. */
  readonly config: Readonly<Record<string, string>>;
  /** What has still to be said by the person, in a sentence. */
  readonly lacks?: string;
}

/** Where a source was asked, and how. */
export interface LinkSource {
  /** Base address of the backend, or of Grafana: http or https, no sign-in, no `/` at the end. */
  readonly url: string;
  /** Where `url` is Grafana's: the uid of the data source. */
  readonly grafana?: string;
  /** The connector's own fields, as it was pulled with them. */
  readonly config: Readonly<Record<string, string>>;
}

/** A row as its backend knows it; times on the backend's own clock. */
export type LinkPlace = { readonly window: TimeWindow } & (
  | {
      readonly kind: 'trace';
      /** 32 hex digits. */
      readonly traceId: string;
      /** 16 hex digits: which of its spans is meant. */
      readonly spanId?: string;
    }
  | {
      readonly kind: 'series';
      readonly metric: string;
      /** As of `metric_series`. */
      readonly metricKind: string;
      /** With those that became the resource. */
      readonly labels: Attributes;
    }
  | { readonly kind: 'line'; readonly resource: Attributes }
  | { readonly kind: 'alert'; readonly labels: Attributes }
);

/** A page that shows a row where it came from. */
export interface PageLink {
  /** Whose page: "Jaeger", "Grafana". */
  readonly product: string;
  readonly url: string;
}

export interface ConnectorFactory {
  /** 'prometheus': the word on the command line. */
  readonly id: string;
  readonly title: string;
  readonly signals: readonly Signal[];
  /** An address to show as an example. */
  readonly exampleUrl: string;
  /** Its address may be a folder of this machine, which answers as a bucket of S3 does. */
  readonly ofFolders?: boolean;
  /** Beyond address and credentials: index pattern, step, match[]… all optional text. */
  readonly fields: readonly ConfigField[];
  readonly config: z.ZodType<Readonly<Record<string, string>>>;
  open(config: Readonly<Record<string, string>>, env: ConnectorEnv): Connector;
  /** What its connectors' `preview` can tell records apart by; missing where the backend can't count cheaply. */
  readonly previewBy?: readonly PreviewBy[];
  /** Types of Grafana's data sources behind which it is; missing where it cannot be asked through Grafana. */
  readonly grafanaTypes?: readonly string[];
  /** Reads an address of the backend's own pages, or of Grafana's with queries of it; undefined for any other. */
  readonly readLink?: (url: URL) => PullLink | undefined;
  /** The way back: the backend's page, or Grafana's, that shows a row; undefined where there is none. */
  readonly linkTo?: (source: LinkSource, place: LinkPlace) => PageLink | undefined;
}
