import { z } from 'zod';

/** Jaeger wraps every answer; what failed for single traces stands in `errors` beside the rest. */
const errors = z
  .array(z.looseObject({ msg: z.string().optional() }))
  .nullish()
  .transform((list) => list ?? []);

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);

export const servicesAnswer = z.object({ data: listOf(z.string()) });

/** Traces are looked into one by one (traceAnswer), and only those that are not known yet. */
export const tracesAnswer = z.object({
  data: listOf(z.looseObject({ traceID: z.string() })),
  errors,
});
export type RawTrace = z.infer<typeof tracesAnswer>['data'][number];

export const dependenciesAnswer = z.object({
  data: listOf(z.object({ parent: z.string(), child: z.string(), callCount: z.number() })),
});

const tag = z.object({ key: z.string(), type: z.string().optional(), value: z.unknown() });
export type JaegerTag = z.infer<typeof tag>;

const reference = z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() });

export const spanAnswer = z.object({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string(),
  references: listOf(reference),
  /** Microseconds since the epoch. */
  startTime: z.number(),
  /** Microseconds. */
  duration: z.number(),
  tags: listOf(tag),
  logs: listOf(z.object({ timestamp: z.number(), fields: listOf(tag) })),
  processID: z.string(),
  warnings: listOf(z.string()),
});
export type JaegerSpan = z.infer<typeof spanAnswer>;

const process = z.object({ serviceName: z.string(), tags: listOf(tag) });
export type JaegerProcess = z.infer<typeof process>;

export const traceAnswer = z.object({
  traceID: z.string(),
  spans: listOf(spanAnswer),
  processes: z.record(z.string(), process),
});
export type JaegerTrace = z.infer<typeof traceAnswer>;

/** A trace whose spans are looked into one by one. */
export const traceShape = traceAnswer.extend({ spans: z.array(z.unknown()) });
