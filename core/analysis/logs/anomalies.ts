import { z } from 'zod';
import { coverage } from '../detect/coverage';
import { defineAnalysis } from '../seam';
import {
  anomalyDefaults,
  findAnomalies,
  type AnomalyParams,
  type FoundAnomaly,
} from './find-anomalies';
import { frameOfLines, minedLines, type PlainLine } from './lines';
import { countsOf, templateIdOf } from './shifts';
import { LogTally, type MinedLines } from './tally';

/** A log template that does in the incident what its baseline does not lead to expect. */
export interface LogAnomalyFact extends Omit<FoundAnomaly, 'template' | 'after' | 'instead'> {
  readonly templateId: string;
  readonly template: string;
  readonly entityId: string;
  readonly severity: number;
  readonly baselineCount: number;
  readonly incidentCount: number;
  /** Of kind 'order': the template before it, and what came after that one before. */
  readonly after?: string;
  readonly instead?: string;
  /** First and last line in the window, ms since the epoch; 0 where there is none. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly examples: readonly { readonly sourceId: number; readonly rowNo: bigint }[];
}

export const logAnomalies = defineAnalysis({
  id: 'logs.anomalies',
  kind: 'logs',
  version: 2,
  title: 'Looking for unusual log lines',
  cite: 'predictive negative binomial with the Jeffreys prior; dispersion drawn together: Robinson & Smyth (Biostatistics 2008); tails: Pickands (Ann. Statist. 1975); expected false alarms: Karlin & Altschul (PNAS 1990); occasions: renewal theory, Cox (1962); order: Yu et al., Nezha (FSE 2023)',
  params: z.object({
    alarms: z.number().positive().default(anomalyDefaults.alarms),
    ratio: z.number().min(1).default(anomalyDefaults.ratio),
  }),
  uses: { coverage, mined: minedLines },
  inputs: () => ({}),
  run: ({ given: { coverage, mined }, params }): readonly LogAnomalyFact[] => {
    const { base, incident } = coverage.logs;
    return factsOf(mined, base > 0 ? incident / base : 0, params);
  },
});

function factsOf(
  mined: MinedLines,
  share: number,
  params: AnomalyParams,
): readonly LogAnomalyFact[] {
  const textOf = (index: number | undefined): string | undefined =>
    index === undefined ? undefined : mined.templates[index]?.template;
  return findAnomalies(mined, share, params).flatMap(({ template, after, instead, ...found }) => {
    const one = mined.templates[template];
    if (!one) return [];
    const [baselineCount, incidentCount] = countsOf(mined, template);
    const order = { after: textOf(after), instead: textOf(instead) };
    return [
      { ...found, ...order, ...one, templateId: templateIdOf(one), baselineCount, incidentCount },
    ];
  });
}

/** The same of lines at hand, in order of time; `share` is the window's exposure over the baseline's. */
export function findLogAnomalies(
  lines: readonly PlainLine[],
  share: number,
  params: AnomalyParams = anomalyDefaults,
): readonly LogAnomalyFact[] {
  const tally = new LogTally(lines.reduce((sum, { inWindow }) => sum + (inWindow ? 0 : 1), 0));
  tally.chunk(frameOfLines(lines), 0, lines.length);
  return factsOf(tally.result(), share, params);
}
