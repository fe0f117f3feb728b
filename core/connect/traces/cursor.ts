import { z } from 'zod';
import { FaultlineError } from '../../base';
import { tallySchema } from './tally';

const int = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

/** Everything that what comes next depends on, so that a pull goes on as if it had not been cut. */
const schema = z.object({
  version: z.literal(2),
  step: z.enum(['dependencies', 'plan', 'spans']),
  services: z.array(z.string()),
  /** Whether that is all that there are, so that they need not be named. */
  everything: z.boolean(),
  foundBy: z.enum(['span', 'start']),
  dependencies: z.boolean(),
  share: z.number(),
  /** True where the share comes from an estimate of what is there. */
  estimated: z.boolean(),
  /** Which window, the nanosecond in it to go on from, and how long the next slice is. */
  window: z.number(),
  at: int,
  length: int,
  /** Spans of each window, and how many the sampled ones among them stand for more. */
  counts: z.array(z.object({ total: z.number(), kept: z.number(), more: z.number() })),
  gaps: z.array(z.object({ services: z.array(z.string()), from: int, to: int })),
  tally: tallySchema,
});

export type Position = z.infer<typeof schema>;

export function writeCursor(position: Position): string {
  return JSON.stringify(position, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

export function readCursor(text: string): Position {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = 'This partial pull was begun by another version and can not go on; discard it.';
    throw new FaultlineError('connector/config', why, { cause });
  }
}
