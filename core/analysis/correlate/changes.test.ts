import { expect, it } from 'vitest';
import { findQuery } from '../../model';
import { frameFrom } from '../testing/frames';
import { ALL, at, runOf } from '../testing/incident';
import { changes } from './changes';

it('a note is no change of the system', async () => {
  const row = (kind: string, row_no: bigint) => ({
    source_id: 1,
    row_no,
    ts: at(500),
    kind,
    title: kind,
    version: '',
    entity_id: 'service:stock',
  });
  const frame = frameFrom(findQuery('analysis.changes').columns, [
    row('deployment', 0n),
    row('note', 1n),
    row('scale', 2n),
  ]);
  const found = await runOf(changes, { ...ALL, 'analysis.changes': frame });
  expect(found.map(({ kind }) => kind)).toEqual(['deployment', 'scale']);
});
