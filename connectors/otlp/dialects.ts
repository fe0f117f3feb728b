import { isJsonObject } from '../../core/connect';
import type { Signal } from '../../core/model';

/**
 * Lists of resources and what they hold. `batches` is Tempo's word; names with underscores come from
 * protobuf libraries that keep the names of the .proto files.
 */
export const SIGNAL_OF_KEY: Readonly<Record<string, Signal>> = {
  resourceSpans: 'spans',
  resource_spans: 'spans',
  batches: 'spans',
  resourceLogs: 'logs',
  resource_logs: 'logs',
  resourceMetrics: 'samples',
  resource_metrics: 'samples',
};

/** Objects around an OTLP object: Tempo's API version 2 has `trace`, Jaeger's version 3 `result`. */
export const WRAPPERS: ReadonlySet<string> = new Set(['trace', 'result']);

export const SCOPES: ReadonlySet<string> = new Set([
  'scopeSpans',
  'scope_spans',
  'scopeLogs',
  'scope_logs',
  'instrumentationLibrarySpans',
  'instrumentation_library_spans',
  'instrumentationLibraryLogs',
  'instrumentation_library_logs',
]);

const KEYS = Object.keys(SIGNAL_OF_KEY);

/** Where those lists stand: in a document, in a wrapper, in a list of either. */
export const OTLP_LISTS: readonly string[] = ['', '*.', '*.*.'].flatMap((before) =>
  KEYS.map((key) => before + key),
);

const PATTERN = new RegExp(`"(${KEYS.join('|')})"\\s*:\\s*\\[`, 'g');

/** The keys of OTLP's lists in a text, in order, with where they stand. */
export function otlpKeys(text: string): readonly { readonly key: string; readonly at: number }[] {
  return [...text.matchAll(PATTERN)].map(({ 1: key = '', index }) => ({ key, at: index }));
}

/** The signals of the lists in a text; spans where it has none. */
export function signalsOf(text: string): readonly Signal[] {
  const signals = otlpKeys(text).flatMap(({ key }) => SIGNAL_OF_KEY[key] ?? []);
  return signals.length === 0 ? ['spans'] : [...new Set(signals)];
}

export function signalOf(text: string): Signal {
  return signalsOf(text)[0] ?? 'spans';
}

/** Whether a value, or what it wraps, has a list of OTLP. */
export function hasOtlp(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(
    ([key, inner]) => SIGNAL_OF_KEY[key] !== undefined || (WRAPPERS.has(key) && hasOtlp(inner)),
  );
}

/** Whether `camelOf` makes another key of it. */
export function isSnake(key: string): boolean {
  return key.includes('_') && /_[a-z]/.test(key);
}

/** `trace_id` as `traceId`: the names of the .proto files as those of OTLP's JSON. */
export function camelOf(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A parsed value with all keys in camel case. The keys of OTLP are its own; names of attributes are values. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camelOf(key), camelKeys(inner)]),
  );
}
