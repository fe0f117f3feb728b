import { planBudget } from '../../core/connect';
import { SIGNAL_OF, type Signal } from '../../core/model';
import { isRefused, type KafkaClient } from './client';
import { PayloadReader, type OtlpReader } from './payload';
import type { TopicPlan } from './position';
import { errorsIn } from './sampling';
import type { KafkaSettings } from './settings';
import type { SurveyedTopic } from './survey';

/** Places over all topics of a signal that are looked at before it is settled how much of it comes. */
const PLACES = 24;
const PLACE_BYTES = 64 << 10;
/** Rows and errors are estimated from these places, so the budget is not used up. */
const ESTIMATE_MARGIN = 0.85;

interface Asking {
  readonly client: KafkaClient;
  readonly otlp: OtlpReader;
  readonly settings: KafkaSettings;
  readonly signal: AbortSignal;
}

export const recordsOf = ({ ranges }: SurveyedTopic): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/**
 * How much of the rows of each signal that are no errors may come within the budget. Kafka can't count errors, so
 * their number is estimated from records in even distances.
 */
export async function sharesOf(
  asking: Asking,
  topics: readonly TopicPlan[],
  found: readonly SurveyedTopic[],
  budget: number,
): Promise<ReadonlyMap<Signal, number>> {
  const shares = new Map<Signal, number>();
  for (const signal of new Set(topics.map((topic) => topic.signal))) {
    const those = topics.flatMap((topic, i) => {
      const surveyed = found[i];
      return topic.signal === signal && surveyed ? [{ topic, surveyed }] : [];
    });
    const likely = those.reduce(
      (n, { surveyed }) => n + recordsOf(surveyed) * surveyed.guess.rows,
      0,
    );
    if (likely <= budget) continue;
    const { rows, errors } = await measure(asking, those, signal);
    const room = Math.floor(budget * ESTIMATE_MARGIN);
    shares.set(signal, planBudget(Math.max(rows, likely), errors, room).share);
  }
  return shares;
}

interface Measured {
  readonly topic: TopicPlan;
  readonly surveyed: SurveyedTopic;
}

/** Rows of a signal in all these topics, and errors among them, about. */
async function measure(
  asking: Asking,
  topics: readonly Measured[],
  signal: Signal,
): Promise<{ readonly rows: number; readonly errors: number }> {
  const all = topics.reduce((sum, { surveyed }) => sum + recordsOf(surveyed), 0);
  const looked = { records: 0, rows: 0, errors: 0 };
  for (let i = 0; i < PLACES; i++) {
    const nth = Math.floor((all * (i + 0.5)) / PLACES);
    const at = placeOf(topics, nth);
    if (!at) continue;
    const seen = await lookAt(asking, at, signal);
    looked.records += seen.records;
    looked.rows += seen.rows;
    looked.errors += seen.errors;
  }
  const each = all / Math.max(1, looked.records);
  return { rows: looked.rows * each, errors: looked.errors * each };
}

interface Place {
  readonly topic: TopicPlan;
  readonly partition: number;
  readonly from: number;
  readonly until: number;
}

/** Where the nth record of all topics stands. */
function placeOf(topics: readonly Measured[], nth: number): Place | undefined {
  let before = 0;
  for (const { topic, surveyed } of topics) {
    for (const { partition, from, to } of surveyed.ranges) {
      if (nth < before + to - from)
        return { topic, partition, from: from + nth - before, until: to };
      before += to - from;
    }
  }
  return undefined;
}

const NOTHING = { records: 0, rows: 0, errors: 0 };

async function lookAt(
  { client, otlp, settings, signal: stop }: Asking,
  { topic, partition, from, until }: Place,
  signal: Signal,
): Promise<typeof NOTHING> {
  try {
    const options = { until, maxBytes: PLACE_BYTES };
    const fetched = await client.records(topic.name, partition, from, options);
    const place = { topic: topic.name, partition };
    const reader = new PayloadReader(topic.payload, place, otlp, settings.mapping);
    let records = 0;
    for await (const batch of fetched.batches(stop)) {
      while (batch.next()) {
        if (batch.offset < from || batch.offset >= until) continue;
        records++;
        reader.add(batch);
      }
    }
    let [rows, errors] = [0, 0];
    for (const batch of reader.take().batches) {
      if (SIGNAL_OF[batch.table] !== signal) continue;
      rows += batch.rows;
      const failed = errorsIn(batch);
      for (let row = 0; row < batch.rows; row++) if (failed(row)) errors++;
    }
    return { records, rows, errors };
  } catch (error) {
    // A partition that can't be read is told when it is read.
    if (!isRefused(error)) throw error;
    return NOTHING;
  }
}
