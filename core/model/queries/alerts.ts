import { z } from 'zod';
import { defineQuery } from '../query';
import { SUBJECT_OF } from './pieces';
import { wholly } from './reads';

export const alertRows = defineQuery({
  id: 'analysis.alerts',
  version: 2,
  title: 'All alerts, in time order',
  params: z.object({}),
  columns: {
    source_id: 'i32',
    row_no: 'i64',
    fingerprint: 'str',
    name: 'str',
    starts_at: 'i64',
    ends_at: 'i64',
    severity: 'str',
    entity_id: 'str',
    caller: 'str',
    direction: 'str',
    about: 'str',
  },
  rowsOf: ['alerts'],
  reads: wholly('alerts'),
  sql: () => `
WITH subject AS (${SUBJECT_OF})
SELECT source_id, row_no, fingerprint, name, starts_at, coalesce(ends_at, starts_at) AS ends_at, severity,
  coalesce(subject.entity_id, '') AS entity_id, coalesce(labels['caller'], '') AS caller,
  coalesce(labels['direction'], '') AS direction, CASE WHEN labels['caller'] IS NOT NULL THEN 'calls'
    WHEN labels['template'] IS NOT NULL THEN 'logs' ELSE 'metrics' END AS about
FROM alerts LEFT JOIN subject USING (resource_id) ORDER BY starts_at, fingerprint, source_id, row_no`,
});

export const alertLabels = defineQuery({
  id: 'analysis.alert-labels',
  version: 1,
  title: 'Labels of each alert that are the same in all of its notifications',
  params: z.object({}),
  columns: { fingerprint: 'str', key: 'str', value: 'str' },
  rowsOf: ['alerts'],
  reads: wholly('alerts'),
  sql: () => `
WITH entry AS (SELECT fingerprint, unnest(map_entries(labels)) AS e FROM alerts)
SELECT fingerprint, e.key AS key, min(e.value) AS value
FROM entry GROUP BY ALL HAVING min(e.value) = max(e.value) ORDER BY ALL`,
});
