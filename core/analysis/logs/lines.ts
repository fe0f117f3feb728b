import { z } from 'zod';
import { logLines } from '../../model/queries';
import { defineAnalysis } from '../seam';
import { queryWindows } from '../windows';
import { LogTally, type MinedLines } from './tally';

/** Lines between two yields. */
const CHUNK = 2_000;

export const minedLines = defineAnalysis({
  id: 'logs.lines',
  kind: 'logs',
  version: 1,
  title: 'Mining log lines',
  cite: 'longest common patterns: Yu et al., Brain (IEEE TSC 2023)',
  params: z.object({
    /** Lines of the two windows that are looked at; more are left out, with a notice. */
    limit: z.number().int().positive().default(400_000),
  }),
  uses: {},
  inputs: ({ incident, baseline }, _, { limit }) => ({
    lines: logLines({ ...queryWindows(incident, baseline), limit }),
  }),
  *run({ frames: { lines }, params: { limit }, notice }): Generator<number, MinedLines, void> {
    if (lines.rows === limit) {
      notice({
        code: 'logs-truncated',
        severity: 'warning',
        count: limit,
        message: `Only the first ${limit} log lines of the two windows were mined for templates. Narrow the windows to see all.`,
      });
    }
    let baseline = 0;
    for (const win of lines.col.win) if (win !== 1) baseline++;
    const tally = new LogTally(baseline);
    for (let at = 0; at < lines.rows; at += CHUNK) {
      yield at / lines.rows;
      tally.chunk(lines, at, Math.min(lines.rows, at + CHUNK));
    }
    const mined = tally.result();
    if (mined.cut > 0) {
      notice({
        code: 'log-lines-cut',
        severity: 'info',
        count: mined.cut,
        message: `${mined.cut} log lines are very long: their templates are told by their first 400 characters.`,
      });
    }
    return mined;
  },
});
