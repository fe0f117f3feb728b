import type { TimeWindow } from '../../core/base';
import type { PullRequest } from '../../core/connect';
import type { KafkaClient, Topic } from './client';
import type { OtlpReader } from './payload';
import type { Part, Position, TopicPlan } from './position';
import type { KafkaSettings } from './settings';
import { recordsOf, sharesOf } from './share';
import { survey, type SurveyedTopic } from './survey';
import { Tally } from './tally';

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
    const json = chosen === 'json' && settings.mapping ? settings.mapping.target : 'logs';
    return {
      name: topic.name,
      payload: chosen,
      signal: chosen === 'otlp' ? about : json,
      share: 1,
      bytes: Math.round(bytes),
    };
  });
  const shares = await sharesOf({ client, otlp, settings, signal }, topics, read, budget);
  const parts = partsOf(read);
  return {
    version: 2,
    topics: topics.map((topic) => ({ ...topic, share: shares.get(topic.signal) ?? 1 })),
    parts,
    at: { part: 0, offset: parts[0]?.from ?? 0, latest: 0 },
    planned: sum(read.map(recordsOf)),
    read: 0,
    rows: [...new Set(topics.map((topic) => topic.signal))].map((about) => ({
      signal: about,
      within: windows.map(() => 0),
      kept: windows.map(() => 0),
    })),
    tally: tally.counts,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function readable(topic: SurveyedTopic, settings: KafkaSettings, tally: Tally): boolean {
  const { name, offline, ranges, guess } = topic;
  for (const partition of offline) tally.add('partitions-offline', 1, `${name}/${partition}`);
  if (ranges.length === 0) return false;
  if (guess.payload !== undefined || settings.payload !== undefined) return true;
  tally.add('topics-not-read', 1, `${name} (${guess.said})`);
  return false;
}

function partsOf(found: readonly SurveyedTopic[]): Part[] {
  return found.flatMap(({ ranges }, topic) =>
    ranges.map(({ partition, from, to, end }): Part => ({ topic, partition, from, to, end })),
  );
}
