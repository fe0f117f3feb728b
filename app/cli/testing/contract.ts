import { z } from 'zod';

const instant = z.iso.datetime({ offset: true });
const window = z.strictObject({ from: instant, to: instant, given: z.boolean() });
const count = z.number().int().nonnegative();
const finite = z.number();

const evidence = z.looseObject({
  id: z.string().min(1),
  stance: z.enum(['for', 'against', 'missing']),
  claim: z.string().min(1),
  query: z.string(),
  version: count,
  params: z.record(z.string(), z.unknown()),
  value: z.union([z.number(), z.string(), z.null()]),
  sql: z.string(),
});

const cause = z.looseObject({
  rank: z.number().int().positive(),
  entity: z.strictObject({
    id: z.string().min(1),
    kind: z.string().min(1),
    name: z.string().min(1),
  }),
  score: finite,
  confidence: z.number().min(0).max(1),
  bucket: z.enum(['state-change', 'first-symptom', 'impact']),
  methods: z.array(
    z.strictObject({
      id: z.string(),
      version: z.number().int().positive(),
      rank: z.number().int().positive(),
      score: finite,
    }),
  ),
  culprits: z.array(
    z.strictObject({
      kind: z.enum(['metric', 'log-template', 'operation', 'edge', 'change']),
      name: z.string(),
      detail: z.string(),
    }),
  ),
  evidence: z.array(evidence),
});

/** `analyze --json`, schema 1. What is added later may stand beside; nothing here goes away. */
export const analyzeDocument = z.looseObject({
  schema: z.literal(1),
  case: z.string().min(1),
  incident: window,
  baseline: window.nullable(),
  verdict: z.enum(['ranked', 'insufficient-evidence']),
  robustToBaselines: z.boolean().nullable(),
  ranking: z.array(cause),
  alertGroups: z.array(
    z.looseObject({
      groupId: z.string(),
      title: z.string(),
      from: instant,
      to: instant,
      entityIds: z.array(z.string()),
      notifications: count,
    }),
  ),
  notices: z.array(z.strictObject({ code: z.string(), count, message: z.string() })),
  timings: z.strictObject({
    importMs: finite.optional(),
    detectMs: finite.positive(),
    rankMs: finite.positive(),
    peakRssBytes: z.number().int().positive(),
  }),
});
export type AnalyzeDocument = z.output<typeof analyzeDocument>;

/** `import --json`, also with --dry-run. */
export const importDocument = z.looseObject({
  schema: z.literal(1),
  files: z.array(
    z.looseObject({
      path: z.string(),
      format: z.string().nullable(),
      why: z.string().min(1),
      parts: z.array(
        z.looseObject({
          signal: z.enum([
            'spans',
            'logs',
            'samples',
            'alerts',
            'changes',
            'topology',
            'definitions',
          ]),
          rows: count,
          dropped: count,
          droppedExamples: z
            .array(z.strictObject({ where: z.string(), text: z.string(), reason: z.string() }))
            .max(3),
          from: instant.nullable(),
          to: instant.nullable(),
        }),
      ),
      notices: z.array(z.looseObject({ code: z.string(), count, message: z.string() })),
    }),
  ),
});
export type ImportDocument = z.output<typeof importDocument>;

export const errorDocument = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string().min(1), detail: z.unknown() }),
});
