import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { SIGNALS } from '../../core/model';
import { PAYLOADS } from './payload';
import { tallySchema } from './tally';

const signalSchema = z.enum(SIGNALS);

const topicPlan = z.object({
  name: z.string(),
  payload: z.enum(PAYLOADS),
  signal: signalSchema,
  /** Share of its rows that comes beside its errors. */
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
});
export type Part = z.output<typeof part>;

/** Everything that what comes next depends on, so that a pull goes on as if it had not been cut. */
const schema = z.object({
  version: z.literal(2),
  topics: z.array(topicPlan),
  parts: z.array(part),
  at: z.object({
    part: z.number(),
    offset: z.number(),
    /** The latest Kafka time of the part so far. */
    latest: z.number(),
  }),
  /** Records that are planned to be read, and that were. */
  planned: z.number(),
  read: z.number(),
  /** Rows that there were by signal and window, and those of them that came. */
  rows: z.array(
    z.object({ signal: signalSchema, within: z.array(z.number()), kept: z.array(z.number()) }),
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
