import { z } from 'zod';
import type { Notice } from '../../model';
import { logLines } from '../../model/queries';
import { defineAnalysis } from '../seam';
import { queryWindows } from '../windows';
import { LineKeys } from './mask';
import { LogTally, type LogFrame, type MinedLines } from './tally';

/** Lines between two yields. */
const CHUNK = 2_000;

export const minedLines = defineAnalysis({
  id: 'logs.lines',
  kind: 'logs',
  version: 2,
  title: 'Mining log lines',
  cite: 'longest common patterns: Yu et al., Brain (IEEE TSC 2023)',
  params: z.object({
    /** Lines of the two windows, about, that are looked at; of more only one session in some, with a notice. */
    limit: z.number().int().positive().default(3_000_000),
  }),
  uses: {},
  inputs: ({ incident, baseline }, _, { limit }) => ({
    lines: logLines({ ...queryWindows(incident, baseline), limit }),
  }),
  *run({ frames: { lines }, params: { limit }, notice }): Generator<number, MinedLines, void> {
    const all = lines.col.all_lines[0] ?? 0;
    if (all > limit) notice(thinned(lines.rows, all, limit));
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

function thinned(read: number, all: number, limit: number): Notice {
  const [some, whole] = [read, all].map((n) => n.toLocaleString('en'));
  return {
    code: 'logs-thinned',
    severity: 'warning',
    count: all - read,
    message: `${some} of the ${whole} log lines of the two windows were mined for templates: one in ${Math.ceil(all / limit)}, spans and sessions as a whole. Counts of log templates and what is unusual in them are of these. Narrow the windows to see all.`,
  };
}

/** A line as it is at hand, not in a case. */
export interface PlainLine {
  readonly body: string;
  readonly service: string;
  /** '' where it names none. */
  readonly session: string;
  readonly severity: number;
  readonly inWindow: boolean;
}

/** Lines at hand, in order of time, as the query tells them: a millisecond and a row number each. */
export function frameOfLines(lines: readonly PlainLine[]): LogFrame {
  const texts = new Map<string, number>();
  const sessions = new Map<string, number>();
  const numbered = (known: Map<string, number>, text: string): number => {
    const number = known.get(text) ?? known.size;
    known.set(text, number);
    return number;
  };
  const keys = new LineKeys();
  const told = lines.map(({ service, body }) => {
    const before = texts.size;
    const key = numbered(texts, `${keys.key(body)} ${service}`);
    return { key, isFirst: key === before };
  });
  const rows = lines.length;
  const textOf = (pick: (line: PlainLine) => string): string[] =>
    lines.map((line, i) => (told[i]?.isFirst ? pick(line) : ''));
  return {
    rows,
    col: {
      win: Int32Array.from(lines, ({ inWindow }) => (inWindow ? 1 : 0)),
      text_key: Float64Array.from(told, ({ key }) => key),
      service: textOf(({ service }) => service),
      body: textOf(({ body }) => body),
      severity: Int32Array.from(lines, ({ severity }) => severity),
      ts: Float64Array.from(lines, (_, i) => i + 1),
      source_id: new Int32Array(rows),
      row_no: Float64Array.from(lines, (_, i) => i),
      session: Float64Array.from(lines, ({ session }) =>
        session === '' ? Number.NaN : numbered(sessions, session),
      ),
      cut: new Uint8Array(rows),
      all_lines: new Float64Array(rows).fill(rows),
    },
  };
}
