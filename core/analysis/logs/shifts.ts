import { hashHex } from '../../base';
import { z } from 'zod';
import type { Frame } from '../../model';
import { logLines } from '../../model/queries';
import { coverage } from '../detect/coverage';
import type { TemplateShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { poissonZ } from '../stats';
import { queryWindows } from '../windows';
import { TemplateMiner } from './templates';

type LogFrame = Frame<(typeof logLines)['def']['columns']>;

/** Lines between two yields. */
const CHUNK = 2_000;

export const logTemplates = defineAnalysis({
  id: 'logs.templates',
  kind: 'logs',
  version: 2,
  title: 'Mining log lines',
  cite: 'longest common patterns: Yu et al., Brain (IEEE TSC 2023); counts: Anscombe (Biometrika 1948)',
  params: z.object({
    /** Lines of the two windows that are looked at; more are left out, with a notice. */
    limit: z.number().int().positive().default(400_000),
  }),
  uses: { coverage },
  inputs: ({ incident, baseline }, _, { limit }) => ({
    lines: logLines({ ...queryWindows(incident, baseline), limit }),
  }),
  *run({ frames: { lines }, given, params: { limit }, notice }) {
    if (lines.rows === limit) {
      notice({
        code: 'logs-truncated',
        severity: 'warning',
        count: limit,
        message: `Only the first ${limit} log lines of the two windows were mined for templates. Narrow the windows to see all.`,
      });
    }
    const tally = new LogTally();
    for (let at = 0; at < lines.rows; at += CHUNK) {
      yield at / lines.rows;
      tally.chunk(lines, at, Math.min(lines.rows, at + CHUNK));
    }
    const { base, incident } = given.coverage.logs;
    return tally.shifts(base > 0 ? incident / base : 0);
  },
});

/** Lines of one entity that have a pattern, or a template. */
interface Tally {
  readonly entityId: string;
  readonly pattern: number;
  severity: number;
  counts: [number, number];
  firstMs: number;
  examples: { sourceId: number; rowNo: bigint }[];
}

const MOST_EXAMPLES = 3;

/** Counts lines by entity and template; `chunk` takes rows [from, to). */
class LogTally {
  private readonly miner = new TemplateMiner();
  private readonly tallies = new Map<string, Map<number, Tally>>();

  chunk(frame: LogFrame, from: number, to: number): void {
    const { col } = frame;
    for (let i = from; i < to; i++) {
      const tally = this.tallyOf(col.service[i] ?? '', this.miner.add(col.body[i] ?? ''));
      const win = col.win[i] === 1 ? 1 : 0;
      if (win === 1 && tally.counts[1] === 0) tally.firstMs = col.ts[i] ?? 0;
      tally.counts[win]++;
      tally.severity = Math.max(tally.severity, col.severity[i] ?? 0);
      if (win === 1 && tally.examples.length < MOST_EXAMPLES) {
        const rowNo = BigInt(col.row_no[i] ?? 0);
        tally.examples.push({ sourceId: col.source_id[i] ?? 0, rowNo });
      }
    }
  }

  private tallyOf(entityId: string, pattern: number): Tally {
    let mine = this.tallies.get(entityId);
    if (!mine) this.tallies.set(entityId, (mine = new Map()));
    let tally = mine.get(pattern);
    if (!tally) {
      tally = { entityId, pattern, severity: 0, counts: [0, 0], firstMs: 0, examples: [] };
      mine.set(pattern, tally);
    }
    return tally;
  }

  /**
   * Shift of every template: lines against what the baseline's rate per covered second leads to expect.
   * `share` is incident seconds over baseline seconds.
   */
  shifts(share: number): readonly TemplateShift[] {
    return [...this.tallies.values()].flatMap((mine) => {
      const merged = new Map<string, Tally>();
      for (const tally of mine.values()) {
        const template = this.miner.templateOf(tally.pattern);
        const one = merged.get(template);
        if (one) addTally(one, tally);
        else merged.set(template, tally);
      }
      return [...merged].map(([template, tally]) => shiftOf(template, tally, share));
    });
  }
}

function addTally(into: Tally, { severity, counts, firstMs, examples }: Tally): void {
  if (counts[1] > 0 && (into.counts[1] === 0 || firstMs < into.firstMs)) into.firstMs = firstMs;
  into.severity = Math.max(into.severity, severity);
  into.counts[0] += counts[0];
  into.counts[1] += counts[1];
  into.examples = [...into.examples, ...examples].slice(0, MOST_EXAMPLES);
}

function shiftOf(template: string, tally: Tally, share: number): TemplateShift {
  const { entityId, severity, counts, firstMs, examples } = tally;
  const [baselineCount, incidentCount] = counts;
  const expected = baselineCount * share;
  return {
    templateId: hashHex(`${entityId}\u0001${template}`),
    template,
    entityId,
    severity,
    baselineCount,
    incidentCount,
    expected,
    z: poissonZ(incidentCount, expected),
    isNew: baselineCount === 0 && incidentCount > 0,
    firstMs,
    examples,
  };
}
