import { z } from 'zod';
import { hashHex } from '../../base';
import { coverage } from '../detect/coverage';
import type { TemplateShift } from '../shifts';
import { defineAnalysis } from '../seam';
import { poissonZ } from '../stats';
import { minedLines } from './lines';
import { PARTS, STRIDE, type MinedLines, type TemplateCount } from './tally';

/** Identity of a template of an entity, from run to run. */
export function templateIdOf({ entityId, template }: TemplateCount): string {
  return hashHex(`${entityId}\u0001${template}`);
}

/** Lines of a template in the baseline and in the window. */
export function countsOf({ counts }: MinedLines, template: number): readonly [number, number] {
  const at = template * STRIDE;
  let base = 0;
  for (let i = 0; i < PARTS; i++) base += counts[at + i] ?? 0;
  return [base, counts[at + PARTS] ?? 0];
}

export const logTemplates = defineAnalysis({
  id: 'logs.templates',
  kind: 'logs',
  version: 2,
  title: 'Comparing log templates',
  cite: 'counts: Anscombe (Biometrika 1948)',
  params: z.object({}),
  uses: { coverage, mined: minedLines },
  inputs: () => ({}),
  /** Lines against what the baseline's rate per covered second leads to expect. */
  run: ({ given: { coverage, mined } }): readonly TemplateShift[] => {
    const { base, incident } = coverage.logs;
    const share = base > 0 ? incident / base : 0;
    return mined.templates.map((one, i) => shiftOf(one, countsOf(mined, i), share));
  },
});

function shiftOf(
  one: TemplateCount,
  [baselineCount, incidentCount]: readonly [number, number],
  share: number,
): TemplateShift {
  const { template, entityId, severity, firstMs, examples } = one;
  const expected = baselineCount * share;
  return {
    templateId: templateIdOf(one),
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
