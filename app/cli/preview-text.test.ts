import { expect, it } from 'vitest';
import { PreviewGrid, PreviewTally, type Preview } from '../../core/connect';
import { toJson } from './output';
import { previewDocument, previewText } from './preview-text';

const SECOND = 1_000_000_000n;
const T = 1_790_000_000n * SECOND;

function previewOf(fill: (tally: PreviewTally) => void): Preview {
  const windows = [
    { from: T - 60n * SECOND, to: T - 40n * SECOND },
    { from: T, to: T + 60n * SECOND },
  ];
  const { grid, ...tally } = ((made) => (fill(made), { grid: made.grid, ...made.take() }))(
    new PreviewTally(new PreviewGrid(windows), 'level'),
  );
  const { step, starts, ends } = grid;
  return { by: 'level', step, starts, ends, how: 'Counted by the server.', ...tally };
}

it('prints a row a level with how many there are and when', () => {
  const preview = previewOf((tally) => {
    for (let at = 0; at < 160; at++) tally.add('logs', 'info', at, 1);
    tally.add('logs', 'error', 100, 40);
    tally.add('logs', '', 0, 200);
  });
  const lines = previewText(preview).split('\n');
  expect(lines[1]).toMatch(/^error +logs +40 +10\.0 % +·{14} ·{20}█·{19}$/);
  expect(lines[2]).toMatch(/^info +logs +160 +40\.0 % +█/);
  expect(lines[3]).toMatch(/^no level +logs +200 +50\.0 % +█·+ ·+$/);
  expect(lines.at(-1)).toMatch(/^400 logs between .*Z, 0\.5 s a bucket\..* Nothing was pulled\.$/);
});

it('says that there is nothing, and when the newest record was', () => {
  const text = previewText({ ...previewOf(() => undefined), newest: T - 3600n * SECOND });
  expect(text).toMatch(/^Nothing between .* The newest record is of 2026-09-21T.*Z\.$/);
});

it('is a document of plain numbers and RFC 3339 times', () => {
  const preview = previewOf((tally) => tally.add('logs', 'error', 1, 7));
  const { starts, groups, ...rest } = JSON.parse(toJson(previewDocument(preview))) as {
    readonly starts: readonly string[];
    readonly groups: readonly { readonly counts: readonly number[] }[];
  };
  expect(rest).toMatchObject({ by: 'level', stepSeconds: 0.5, total: 7, newest: null });
  expect([starts.length, groups[0]?.counts.length, groups[0]?.counts[1]]).toEqual([160, 160, 7]);
  expect(groups[0]).toMatchObject({ signal: 'logs', name: 'error', kind: 'value', total: 7 });
  expect(starts[40]).toBe('2026-09-21T14:13:20Z');
});
