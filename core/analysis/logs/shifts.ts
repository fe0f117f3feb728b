import { hashHex } from '../../base';
import type { Frame } from '../../model';
import type { logLines } from '../../model/queries';
import type { TemplateShift } from '../facts';
import { poissonZ } from '../stats';
import { TemplateMiner } from './templates';

export type LogFrame = Frame<(typeof logLines)['def']['columns']>;

/** Rows between two yields to the event loop. */
export const LOG_CHUNK = 20_000;

interface Tally {
  readonly entityId: string;
  readonly template: { readonly tokens: string[] };
  severity: number;
  counts: [number, number];
  firstMs: number;
  examples: { sourceId: number; rowNo: bigint }[];
}

/** Counts lines by entity and template; `chunk` takes rows [from, to). */
export class LogTally {
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
