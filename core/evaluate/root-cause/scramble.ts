import { createRng, formatRfc3339, parseRfc3339, type Rng } from '../../base';
import { shuffled } from '../shuffle';
import type { CaseTexts } from './bed';
import { createRenaming, type Renaming } from './rename';
import { scrambleMetrics, metricNames } from './scramble-metrics';
import { otlpNames, scrambleOtlp } from './scramble-otlp';

export interface Scrambled {
  readonly texts: CaseTexts;
  readonly rename: Renaming;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const isRecord = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys of alerts, changes and windows whose values name something of the system. */
const NAMES =
  /^(service|entity|instance|pod|node|host|container|destination|caller|callee|added|removed|service\.name|k8s\.(pod|node|container)\.name|host\.name)$/;

/** And in a graph, where `source` is no kind of signal. */
const GRAPH_NAMES = /^(id|source|target)$/;

const naming = (file: string, key: string): boolean =>
  NAMES.test(key) || (file.startsWith('topology') && GRAPH_NAMES.test(key));

/** Of case.json: what it was taken from says who is at fault. */
const DROPPED = ['set', 'id', 'notes'];

/**
 * The same case under other names, in another order, at another time: whatever ranks by names, by the order
 * of rows or by the clock ranks differently. Pure: texts in, texts out.
 */
export function scrambleCase(texts: CaseTexts, seed: number): Scrambled {
  const rng = createRng(`scramble/${seed}`);
  const shiftS = rng.fork('time').int(40 * 86_400) - 20 * 86_400;
  const names = new Set<string>();
  for (const [file, text] of texts) for (const name of namesOf(file, text)) names.add(name);
  const rename = createRenaming(names, seed);
  const out = new Map<string, string>();
  for (const [file, text] of texts) {
    out.set(file, scrambled(file, text, { file, rename, shiftS, rng: rng.fork(file) }));
  }
  return { texts: out, rename };
}

interface Means {
  readonly file: string;
  readonly rename: Renaming;
  readonly shiftS: number;
  readonly rng: Rng;
}

function* namesOf(file: string, text: string): Generator<string> {
  if (/^(spans|logs)\./.test(file)) yield* otlpNames(text);
  else if (file.startsWith('metrics.')) yield* metricNames(text);
  else for (const value of jsonValues(file, text)) yield* jsonNames(value, '', file);
}

function jsonValues(file: string, text: string): Json[] {
  const lines = /\.jsonl(\.gz)?$/.test(file) ? text.split('\n') : [text];
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Json);
}

function* jsonNames(value: Json, key: string, file: string): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* jsonNames(one, key, file);
  else if (isRecord(value))
    for (const [k, v] of Object.entries(value)) yield* jsonNames(v, k, file);
  else if (typeof value === 'string' && naming(file, key)) yield value;
}

function scrambled(file: string, text: string, means: Means): string {
  if (/^(spans|logs)\./.test(file)) return scrambleOtlp(text, means);
  if (file.startsWith('metrics.')) return scrambleMetrics(text, means);
  const values = jsonValues(file, text).map((value) => renamed(value, '', means));
  if (/\.jsonl(\.gz)?$/.test(file)) {
    return shuffled(values, means.rng)
      .map((value) => `${JSON.stringify(value)}\n`)
      .join('');
  }
  const [value] = values;
  if (!isRecord(value)) return `${JSON.stringify(value ?? null)}\n`;
  const kept = Object.entries(value).filter(
    ([key]) => file !== 'case.json' || !DROPPED.includes(key),
  );
  const lists = kept.map(([key, v]) => [key, Array.isArray(v) ? shuffled(v, means.rng) : v]);
  return `${JSON.stringify(Object.fromEntries(lists))}\n`;
}

function renamed(value: Json, key: string, means: Means): Json {
  if (Array.isArray(value)) return value.map((one) => renamed(one, key, means));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, renamed(v, k, means)]));
  }
  if (typeof value !== 'string') return value;
  const at = /^\d{4}-\d\d-\d\dT/.test(value) ? parseRfc3339(value) : undefined;
  if (at !== undefined) return formatRfc3339(at + BigInt(means.shiftS) * 1_000_000_000n);
  // The words of a metric, a kind or a severity are no names.
  if (/^(kind|metric|severity|direction|fingerprint|version)$/.test(key)) return value;
  return naming(means.file, key) ? means.rename.name(value) : means.rename.text(value);
}
