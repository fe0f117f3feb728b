import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { SIGNALS } from '../../core/model';
import { tallySchema } from './tally';

const counts = z.object({ total: z.number(), kept: z.number() });
const said = z.object({
  severity: z.enum(['info', 'warning', 'error']),
  count: z.number(),
  message: z.string(),
});

/** Everything that what comes next depends on, so that a pull goes on as if it had not been cut. */
const schema = z.object({
  version: z.literal(1),
  /** Hash of the files that were found. */
  found: z.string(),
  /** Signals that are done. */
  done: z.array(z.enum(SIGNALS)),
  /** The row group of the signal under way that was read last. */
  last: z
    .object({ table: z.string(), key: z.string(), etag: z.string(), group: z.number() })
    .nullable(),
  /** Of the signal under way; null before it was worked out. */
  share: z.number().nullable(),
  /** Rows of the signal under way by window, and what of it could not be read. */
  windows: z.array(counts),
  lost: z.boolean(),
  read: z.object({
    bytes: z.number(),
    groups: z.number(),
    groupsLeft: z.number(),
    bytesLeft: z.number(),
  }),
  tally: tallySchema,
  /** What the rows themselves gave cause to say, by code. */
  said: z.record(z.string(), said),
});

export type Position = z.infer<typeof schema>;

export function readCursor(text: string): Position {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = 'This partial pull was begun by another version and can not go on; discard it.';
    throw new FaultlineError('connector/config', why, { cause });
  }
}
