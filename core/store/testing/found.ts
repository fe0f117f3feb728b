/** What an analysis may have found. */
export const FOUND = {
  incident: { from: 1n, to: 2n, given: false },
  baseline: null,
  baselines: [],
  verdict: 'insufficient-evidence',
  headline: "It's not enough evidence.",
  missing: ['logs'],
  robustToBaselines: null,
  ranking: [],
  anomalies: [],
  heat: [{ entityId: 'service:a', from: 1n, step: 5n, heat: Float32Array.of(0, 0.5, 1) }],
  logTemplates: [],
  alertGroups: [],
  topology: { nodes: [], edges: [] },
  notices: [],
  timings: { detectMs: 1.5, rankMs: 0 },
  methods: [{ id: 'm', version: 1 }],
} as const;
