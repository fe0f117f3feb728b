import { z } from 'zod';

/** Forms of what the HTTP API answers with, as far as they are read. */
export const labelSet = z.record(z.string(), z.string());
const pair = z.tuple([z.number(), z.string()]);
export const vectorEntry = z.object({ metric: labelSet, value: pair.optional() });
export const nativePoint = z.tuple([
  z.number(),
  z.object({
    count: z.string(),
    sum: z.string(),
    buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).optional(),
  }),
]);
export const matrixEntry = z.object({
  metric: labelSet,
  // Checked value by value while they are read: a schema a pair is too slow for millions of them.
  values: z.array(z.unknown()).optional(),
  histograms: z.array(nativePoint).optional(),
});
export const build = z.object({
  version: z.string().default(''),
  application: z.string().optional(),
});
export const metadata = z.record(
  z.string(),
  z.array(
    z.object({
      type: z.string().default('unknown'),
      help: z.string().default(''),
      unit: z.string().default(''),
    }),
  ),
);
export const rules = z.object({
  groups: z.array(
    z.object({
      interval: z.number().default(0),
      rules: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          duration: z.number().default(0),
          labels: labelSet.optional(),
          annotations: labelSet.optional(),
          alerts: z
            .array(
              z.object({
                labels: labelSet,
                annotations: labelSet.default({}),
                state: z.string(),
                activeAt: z.string(),
              }),
            )
            .nullish(),
        }),
      ),
    }),
  ),
});
export const exemplars = z.array(
  z.object({
    seriesLabels: labelSet,
    exemplars: z.array(
      z.object({
        labels: labelSet,
        value: z.union([z.string(), z.number()]),
        timestamp: z.number(),
      }),
    ),
  }),
);
/** Prometheus has headStats, VictoriaMetrics the series of one day. */
export const tsdb = z.object({
  headStats: z.object({ numSeries: z.number() }).optional(),
  totalSeries: z.number().optional(),
});
export const config = z.object({ yaml: z.string().default('') });
/** Flags by name, all of them as texts. */
export const flags = z.record(z.string(), z.string());
/** Thanos: its stores by kind (docs/components/query.md); times in ms. */
export const stores = z.record(
  z.string(),
  z
    .array(
      z.object({
        name: z.string().default(''),
        lastError: z.unknown().optional(),
        minTime: z.number().optional(),
        maxTime: z.number().optional(),
      }),
    )
    .nullable(),
);
/** How every refusal is told. */
export const failure = z.object({ error: z.string(), errorType: z.string().optional() });

export type RuleGroups = z.infer<typeof rules>['groups'];
export type ExemplarSeries = z.infer<typeof exemplars>[number];
