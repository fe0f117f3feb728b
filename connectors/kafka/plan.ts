import { z } from 'zod';
import { FaultlineError, type TimeWindow } from '../../core/base';
import type { PullRequest } from '../../core/connect';
import { SIGNALS } from '../../core/model';
import type { KafkaClient, Topic } from './client';
import { PAYLOADS, type OtlpReader } from './payload';
import type { KafkaSettings } from './settings';
import { survey, type SurveyedTopic } from './survey';
import { Tally, tallySchema } from './tally';

const signalSchema = z.enum(SIGNALS);

const topicPlan = z.object({
  name: z.string(),
  payload: z.enum(PAYLOADS),
  signal: signalSchema,
  /** Share of its blocks of records that is read. */
  share: z.number(),
  /** Bytes of a value, about. */
  bytes: z.number(),
});
export type TopicPlan = z.output<typeof topicPlan>;

const part = z.object({
  topic: z.number(),
  partition: z.number(),
  from: z.number(),
  to: z.number(),
  /** `to` may be moved up to here. */
  end: z.number(),
  /** Blocks of the same signal in the parts before, so that every nth of all is read. */
  before: z.number(),
});
export type Part = z.output<typeof part>;

/** Everything that what comes next depends on, so that a pull goes on as if it had not been cut. */
const schema = z.object({
  version: z.literal(1),
  topics: z.array(topicPlan),
  parts: z.array(part),
  /** Records in a block; under a budget blocks are read or passed over whole. */
  block: z.number(),
  at: z.object({
    part: z.number(),
    offset: z.number(),
    /** The latest Kafka time of the part so far. */
    latest: z.number(),
  }),
  /** Records that are planned to be read, and that were. */
  planned: z.number(),
  read: z.number(),
  /** Rows that came, by signal and window. */
  kept: z.array(z.object({ signal: signalSchema, within: z.array(z.number()) })),
  /** Records in the windows by offsets, where each is a row; null where that is not known. */
  totals: z.array(
    z.object({ signal: signalSchema, share: z.number(), within: z.array(z.number().nullable()) }),
  ),
  tally: tallySchema,
});

export type Position = z.output<typeof schema>;

export const writeCursor = (at: Position): string => JSON.stringify(at);

export function readCursor(text: string): Position {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = 'The mark of this pull is none of the Kafka connector; pull anew.';
    throw new FaultlineError('connector/config', why, { cause });
  }
}

const ITEM = 'topic:';
export const itemOf = (topic: string): string => ITEM + topic;

/** Topics that are asked for: by offsets, by the selection, or all that the settings name. */
export function wantedTopics(
  { topics, offsets }: KafkaSettings,
  select: readonly string[] | undefined,
): (topic: Topic) => boolean {
  if (offsets) return ({ name }) => offsets.some(({ topic }) => topic === name);
  if (select) return ({ name }) => select.includes(itemOf(name));
  return ({ name, internal }) => (topics ? topics(name) : !internal);
}

/** Blocks that a sample is made of, about. */
const BLOCKS = 400;
const SMALLEST_BLOCK = 20;
const LARGEST_BLOCK = 5000;
/** Where rows of a record were only estimated, the budget is not used up. */
const ESTIMATE_MARGIN = 0.85;

export async function makePlan(
  client: KafkaClient,
  otlp: OtlpReader,
  settings: KafkaSettings,
  request: PullRequest,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Position> {
  const { select, budget } = request;
  const only = wantedTopics(settings, select);
  const found = await survey(client, otlp, settings, { windows, only }, signal);
  const tally = new Tally();
  const asked =
    settings.offsets?.map(({ topic }) => topic) ?? select?.map((id) => id.slice(ITEM.length));
  const lost = new Set(asked?.filter((name) => !found.some((topic) => topic.name === name)));
  for (const name of lost) tally.add('not-found', 1, name);
  const read = found.filter((topic) => readable(topic, settings, tally));
  const topics = read.map((topic): TopicPlan => {
    const { payload, signal: about, bytes } = topic.guess;
    const chosen = settings.payload ?? payload ?? 'text';
    return {
      name: topic.name,
      payload: chosen,
      signal: chosen === 'otlp' ? about : 'logs',
      share: 1,
      bytes: Math.round(bytes),
    };
  });
  share(topics, read, budget);
  const records = sum(read.map(recordsOf));
  const block = Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, Math.ceil(records / BLOCKS)));
  const parts = partsOf(read, topics, block);
  return {
    version: 1,
    topics,
    parts,
    block,
    at: { part: 0, offset: parts[0]?.from ?? 0, latest: 0 },
    planned: Math.round(sum(read.map((topic, i) => recordsOf(topic) * (topics[i]?.share ?? 1)))),
    read: 0,
    kept: [],
    totals: totalsOf(read, topics, windows.length),
    tally: tally.counts,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const recordsOf = ({ ranges }: SurveyedTopic): number =>
  sum(ranges.map(({ from, to }) => to - from));

function readable(topic: SurveyedTopic, settings: KafkaSettings, tally: Tally): boolean {
  const { name, offline, ranges, guess } = topic;
  for (const partition of offline) tally.add('partitions-offline', 1, `${name}/${partition}`);
  if (ranges.length === 0) return false;
  if (guess.payload !== undefined || settings.payload !== undefined) return true;
  tally.add('topics-not-read', 1, `${name} (${guess.said})`);
  return false;
}

/** How much of the topics of each signal may come within the budget. */
function share(
  topics: readonly TopicPlan[],
  found: readonly SurveyedTopic[],
  budget: number,
): void {
  for (const signal of SIGNALS) {
    let rows = 0;
    let estimated = false;
    for (const [i, topic] of topics.entries()) {
      const of = found[i];
      if (!of || topic.signal !== signal) continue;
      rows += recordsOf(of) * of.guess.rows;
      estimated ||= of.guess.rows !== 1;
    }
    if (rows <= budget) continue;
    const part = (budget / rows) * (estimated ? ESTIMATE_MARGIN : 1);
    for (const topic of topics) if (topic.signal === signal) topic.share = part;
  }
}

function partsOf(
  found: readonly SurveyedTopic[],
  topics: readonly TopicPlan[],
  block: number,
): readonly Part[] & Part[] {
  const blocks = new Map<string, number>();
  return found.flatMap(({ ranges }, topic) =>
    ranges.map(({ partition, from, to, end }): Part => {
      const signal = topics[topic]?.signal ?? 'logs';
      const before = blocks.get(signal) ?? 0;
      blocks.set(signal, before + Math.ceil((to - from) / block));
      return { topic, partition, from, to, end, before };
    }),
  );
}

/** By signal; offsets count rows only where every record is one. */
function totalsOf(
  found: readonly SurveyedTopic[],
  topics: readonly TopicPlan[],
  windows: number,
): Position['totals'] {
  return SIGNALS.flatMap((signal) => {
    const of = found.filter((_, i) => topics[i]?.signal === signal);
    const first = topics.find((topic) => topic.signal === signal);
    if (!first) return [];
    const single = of.every(({ guess }) => guess.payload !== 'otlp' && guess.rows === 1);
    const within = Array.from({ length: windows }, (_, i) =>
      single ? sum(of.map(({ counts }) => counts[i] ?? 0)) : null,
    );
    return [{ signal, share: first.share, within }];
  });
}
