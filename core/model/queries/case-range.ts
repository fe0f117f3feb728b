import { z } from 'zod';
import { defineQuery } from '../query';
import { wholly } from './reads';

export const caseRangeQuery = defineQuery({
  id: 'analysis.case-range',
  version: 2,
  title: 'From the first to the last row',
  params: z.object({}),
  columns: { lo: 'i64', hi: 'i64' },
  reads: wholly('spans', 'logs', 'samples', 'alerts', 'changes'),
  // Changes of last month do not stretch a case; where there is nothing else, they are what it is of.
  sql: () => `SELECT coalesce(min(lo), (SELECT min(ts) FROM changes)) AS lo,
  coalesce(max(hi), (SELECT max(ts) FROM changes)) AS hi FROM (
  SELECT min(start) AS lo, max(start) AS hi FROM spans
  UNION ALL SELECT min(ts), max(ts) FROM logs
  UNION ALL SELECT min(ts), max(ts) FROM samples
  UNION ALL SELECT min(starts_at), max(starts_at) FROM alerts)`,
});
