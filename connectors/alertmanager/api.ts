import { z } from 'zod';

const labels = z.record(z.string(), z.string());

/** GET /api/v2/alerts: alerts that fire; resolved ones are forgotten. */
export const alertList = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    labels,
    annotations: labels.default({}),
    receivers: z.array(z.object({ name: z.string() })).default([]),
    status: z.object({
      state: z.string(),
      silencedBy: z.array(z.string()).nullish(),
      inhibitedBy: z.array(z.string()).nullish(),
    }),
  }),
);

/** GET /api/v2/alerts/groups: how routing groups them. */
export const groupList = z.array(
  z.object({
    labels,
    receiver: z.object({ name: z.string() }),
    alerts: z.array(z.object({ fingerprint: z.string() })),
  }),
);

export const status = z.object({
  versionInfo: z.object({ version: z.string() }),
  cluster: z.object({ status: z.string() }),
  uptime: z.string(),
});

export type AlertList = z.infer<typeof alertList>;
export type GroupList = z.infer<typeof groupList>;
