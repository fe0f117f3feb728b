import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { fetchSchema } from './fetch';
import { mappingSchema } from './spec';
import { tallySchema } from './tally';

const target = z.object({
  id: z.string(),
  expression: z.string(),
  red: z.boolean(),
  /** It has frozen indices on a version 7, whose searches pass over them unless they are told not to. */
  frozen: z.boolean().optional(),
  guessed: z.boolean(),
  mapping: mappingSchema,
  fetch: fetchSchema.optional(),
});

/** What a pull needs to know of one item: plain data. */
export type Target = Readonly<z.output<typeof target>>;

/** How a signal over its budget is thinned out. */
const sampling = z.object({
  /** Share of the ordinary records, 0…1. */
  share: z.number(),
  /** Whole traces with an error are kept; else their failed spans alone. */
  wholeTraces: z.boolean(),
});
export type Sampling = z.output<typeof sampling>;

const cursorSchema = z.object({
  v: z.literal(1),
  product: z.enum(['elasticsearch', 'opensearch']),
  /** In the order in which they are read. */
  targets: z.array(target),
  /** In place of those that were asked for, where traces are named. */
  windows: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
  /** By signal; only where something must be left out. */
  sampling: z.record(z.string(), sampling),
  /** Documents of all targets in all windows, for progress. */
  total: z.number(),
  /** Documents passed so far. */
  done: z.number(),
  /** What is read next: a target, one of its windows, and the time from which it is not read yet. */
  at: z.object({ target: z.number(), window: z.number(), from: z.string() }),
  /** Of the window at `at.window`, since the last coverage: rows and documents, and their start. */
  open: z.object({ from: z.string(), kept: z.number(), total: z.number() }),
  tally: tallySchema,
});

/** Everything that what is still to come depends on: what was decided at the start, and the place. */
export type Cursor = z.output<typeof cursorSchema>;

export function parseCursor(text: string): Cursor {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = cursorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FaultlineError(
    'connector/config',
    "The place where this pull stopped can't be read. Discard it and pull again.",
  );
}
