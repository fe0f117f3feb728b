import { z } from 'zod';
import { DROPPED_SQL } from '../dropped';
import { defineQuery } from '../query';

/** What each source had and what was kept of it, by signal and window. A total of NaN is not known. */
export const coverageRows = defineQuery({
  id: 'sources.coverage',
  version: 1,
  title: 'What each source had, and what was kept of it',
  params: z.object({ limit: z.number().int() }),
  columns: {
    source_id: 'i32',
    source: 'str',
    signal: 'str',
    window_from: 'i64',
    window_to: 'i64',
    rows_total: 'f64',
    rows_kept: 'f64',
    sampled: 'bool',
    how: 'str',
  },
  sql: () => `
SELECT c.source_id AS source_id, s.name AS source, c.signal AS signal, c.window_from AS window_from,
  c.window_to AS window_to, c.rows_total::DOUBLE AS rows_total, c.rows_kept::DOUBLE AS rows_kept,
  c.sampled AS sampled, c.how AS how
FROM coverage c JOIN sources s ON s.source_id = c.source_id
WHERE NOT ${DROPPED_SQL.is}
ORDER BY c.source_id, c.signal, c.window_from, c.how LIMIT :limit`,
});
