import { z } from 'zod';
import { changeRows } from '../../model/queries';
import type { ChangeFact } from '../shifts';
import { defineAnalysis } from '../seam';

export const changes = defineAnalysis({
  id: 'correlate.changes',
  kind: 'correlate',
  version: 2,
  title: 'Reading changes',
  cite: 'as recorded',
  params: z.object({}),
  uses: {},
  inputs: () => ({ changes: changeRows({}) }),
  run: ({ frames: { changes: frame } }): readonly ChangeFact[] => {
    const { rows, col } = frame;
    const all = Array.from({ length: rows }, (_, i) => ({
      sourceId: col.source_id[i] ?? 0,
      rowNo: col.row_no[i] ?? 0n,
      ts: col.ts[i] ?? 0n,
      kind: col.kind[i] ?? '',
      title: col.title[i] ?? '',
      version: col.version[i] ?? '',
      entityId: col.entity_id[i] ?? '',
    }));
    // What people wrote about the system (chats, log entries of a pager) changed nothing in it.
    return all.filter(({ kind }) => kind !== 'note');
  },
});
