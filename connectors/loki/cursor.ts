import { z } from 'zod';
import { FaultlineError } from '../../core/base';

const int = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);

/** Everything that what comes next depends on, so that a pull goes on as if it had not been cut. */
const schema = z.object({
  v: z.literal(1),
  /** The log query of what was chosen. */
  query: z.string(),
  /** Share of the time from which lines come that are no errors, 0…1. */
  share: z.number(),
  errorsBy: z.enum(['level', 'text']),
  /** Lines of each window; null where Loki did not count them. */
  counts: z.array(z.object({ total: z.number().nullable(), kept: z.number() })),
  /** Which window, the nanosecond in it to go on from, and how long the next slice is. */
  window: z.number(),
  at: int,
  length: int,
  notices: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(['info', 'warning', 'error']),
      count: z.number(),
      message: z.string(),
    }),
  ),
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
