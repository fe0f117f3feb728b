import type { TimeWindow } from '../../core/base';
import type { KafkaClient, Offsets, Topic } from './client';
import { UNKNOWN, guessTopic, type Guess } from './guess';
import type { OtlpReader } from './payload';
import type { KafkaSettings } from './settings';

/** Offsets of a partition that are to be read, [from, to). */
export interface Range {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Up to where there is more of the partition that no other range has. */
  readonly end: number;
}

export interface SurveyedTopic {
  readonly name: string;
  /** Offsets between the times of each window, by Kafka's times of the records. */
  readonly counts: readonly number[];
  /** What is read: the windows and what comes late, each offset once. */
  readonly ranges: readonly Range[];
  readonly offline: readonly number[];
  readonly guess: Guess;
}

/** Topics whose first records are looked at. */
const GUESSED = 200;

const NONE: Offsets = new Map();

/** What the topics hold in the windows (in order, disjoint); `only` leaves out what it says no to. */
export async function survey(
  client: KafkaClient,
  otlp: OtlpReader,
  settings: KafkaSettings,
  { windows, only }: { windows: readonly TimeWindow[]; only: (topic: Topic) => boolean },
  signal: AbortSignal,
): Promise<readonly SurveyedTopic[]> {
  const topics = (await client.topics()).filter(only);
  const names = topics.map(({ name }) => name);
  if (names.length === 0) return [];
  const bounds = await boundsOf(client, names, windows, settings);
  const found: SurveyedTopic[] = [];
  let guessed = 0;
  for (const { name, partitions, offline } of topics) {
    const counts = windows.map((_, i) => countOf(bounds, name, i));
    const ranges = partitions.flatMap((partition) =>
      settings.offsets
        ? explicitRanges(settings, bounds, name, partition)
        : rangesOf(bounds, name, partition),
    );
    const largest = ranges.reduce<Range | undefined>(
      (best, range) => (best && best.to - best.from >= range.to - range.from ? best : range),
      undefined,
    );
    const look = largest !== undefined && guessed++ < GUESSED;
    const place = { topic: name, partition: largest?.partition ?? 0, offset: largest?.from ?? 0 };
    const guess = look
      ? await guessTopic(client, otlp, place, { mapping: settings.mapping, signal })
      : largest
        ? { ...UNKNOWN, said: `not looked at: only the first ${GUESSED} topics are; name it` }
        : UNKNOWN;
    found.push({ name, counts, ranges, offline, guess });
  }
  return found;
}

interface Bounds {
  readonly earliest: ReadonlyMap<string, Offsets>;
  readonly latest: ReadonlyMap<string, Offsets>;
  /** Where each window begins, ends, and ends with what comes late. */
  readonly windows: readonly {
    readonly from: ReadonlyMap<string, Offsets>;
    readonly to: ReadonlyMap<string, Offsets>;
    readonly late: ReadonlyMap<string, Offsets>;
  }[];
}

async function boundsOf(
  client: KafkaClient,
  names: readonly string[],
  windows: readonly TimeWindow[],
  { lateMs }: KafkaSettings,
): Promise<Bounds> {
  const earliest = await client.offsets(names, 'earliest');
  const latest = await client.offsets(names, 'latest');
  const found: Bounds['windows'][number][] = [];
  for (const { from, to } of windows) {
    // Kafka's times are whole milliseconds.
    const end = Number((to + 999_999n) / 1_000_000n);
    const begin = Number((from + 999_999n) / 1_000_000n);
    found.push({
      from: await client.offsets(names, begin),
      to: await client.offsets(names, end),
      late: await client.offsets(names, end + lateMs),
    });
  }
  return { earliest, latest, windows: found };
}

/** The offset where a time begins; the end of the partition where nothing is as late. */
function place(
  bounds: Bounds,
  at: ReadonlyMap<string, Offsets>,
  topic: string,
  partition: number,
): number {
  const end = bounds.latest.get(topic)?.get(partition) ?? 0;
  const offset = at.get(topic)?.get(partition) ?? -1;
  return offset < 0 ? end : Math.min(offset, end);
}

function countOf(bounds: Bounds, topic: string, window: number): number {
  const of = bounds.windows[window];
  if (!of) return 0;
  let count = 0;
  for (const partition of (bounds.latest.get(topic) ?? NONE).keys()) {
    const from = place(bounds, of.from, topic, partition);
    count += Math.max(0, place(bounds, of.to, topic, partition) - from);
  }
  return count;
}

/** Stretches of the windows in order, those that touch joined. */
function rangesOf(bounds: Bounds, topic: string, partition: number): readonly Range[] {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, late } of bounds.windows) {
    const begin = place(bounds, from, topic, partition);
    const end = place(bounds, late, topic, partition);
    const last = ranges.at(-1);
    if (last && begin <= last.to) last.to = Math.max(last.to, end);
    else if (end > begin) ranges.push({ from: begin, to: end });
  }
  const latest = bounds.latest.get(topic)?.get(partition) ?? 0;
  return ranges.map((range, i) => ({ partition, ...range, end: ranges[i + 1]?.from ?? latest }));
}

/** What was asked for of this partition, as far as it is there. */
function explicitRanges(
  { offsets = [] }: KafkaSettings,
  bounds: Bounds,
  topic: string,
  partition: number,
): readonly Range[] {
  const low = bounds.earliest.get(topic)?.get(partition) ?? 0;
  const high = bounds.latest.get(topic)?.get(partition) ?? 0;
  const asked = offsets
    .filter((of) => of.topic === topic && of.partition === partition)
    .map(({ from, to }) => ({
      from: Math.max(low, from),
      to: Math.min(high, to ?? high),
    }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from);
  const ranges: Range[] = [];
  for (const { from, to } of asked) {
    const start = Math.max(from, ranges.at(-1)?.to ?? 0);
    if (to > start) ranges.push({ partition, from: start, to, end: to });
  }
  return ranges;
}
