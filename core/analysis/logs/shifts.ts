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
  version: 1,
  title: 'Mining log lines',
  cite: 'fixed-depth tree: He et al., Drain (ICWS 2017); counts: Anscombe (Biometrika 1948)',
  params: z.object({
    /** Lines of the two windows that are looked at; more are left out, with a notice. */
    limit: z.number().int().positive().default(400_000),
  }),
  uses: { coverage },
  inputs: ({ incident, baseline }, _, { limit }) => ({
    lines: logLines({ ...queryWindows(incident, baseline), limit }),
  }),
  /** Reads the lines in order of time: which template a line founds depends on those before it. */
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

interface Tally {
  readonly entityId: string;
  readonly template: { readonly tokens: string[] };
  severity: number;
  counts: [number, number];
  firstMs: number;
  examples: { sourceId: number; rowNo: bigint }[];
}

/** Counts lines by entity and template; `chunk` takes rows [from, to). */
class LogTally {
  private readonly miner = new TemplateMiner();
  private readonly tallies = new Map<string, Tally>();

  chunk(frame: LogFrame, from: number, to: number): void {
    const { col } = frame;
    for (let i = from; i < to; i++) {
      const template = this.miner.add(col.body[i] ?? '');
      const entityId = col.service[i] ?? '';
      const key = `${entityId}\u0001${template.id}`;
      let tally = this.tallies.get(key);
      if (!tally) {
        tally = { entityId, template, severity: 0, counts: [0, 0], firstMs: 0, examples: [] };
        this.tallies.set(key, tally);
      }
      const win = col.win[i] === 1 ? 1 : 0;
      if (win === 1 && tally.counts[1] === 0) tally.firstMs = col.ts[i] ?? 0;
      tally.counts[win]++;
      tally.severity = Math.max(tally.severity, col.severity[i] ?? 0);
      if (win === 1 && tally.examples.length < 3) {
        const rowNo = BigInt(col.row_no[i] ?? 0);
        tally.examples.push({ sourceId: col.source_id[i] ?? 0, rowNo });
      }
    }
  }

  /**
   * Shift of every template: lines against what the baseline's rate per covered second leads to expect.
   * `share` is incident seconds over baseline seconds.
   */
  shifts(share: number): readonly TemplateShift[] {
    return [...this.tallies.values()].map((tally) => {
      const [baselineCount, incidentCount] = tally.counts;
      const expected = baselineCount * share;
      const template = tally.template.tokens.join(' ');
      return {
        templateId: hashHex(`${tally.entityId}\u0001${template}`),
        template,
        entityId: tally.entityId,
        severity: tally.severity,
        baselineCount,
        incidentCount,
        expected,
        z: poissonZ(incidentCount, expected),
        isNew: baselineCount === 0 && incidentCount > 0,
        firstMs: tally.firstMs,
        examples: tally.examples,
      };
    });
  }
}
