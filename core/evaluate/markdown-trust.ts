import { calibrationScore, reliability, riskCoverage, type Forecast } from './calibration-score';
import { wilson } from './intervals';
import { figure, mdTable, range } from './markdown-table';
import { crossValidated, leftOutForecasts } from './root-cause/fit';
import { hitRates } from './root-cause/hit-rates';
import type { Outcome } from './root-cause/outcome';
import { forecastsOf, quietWindowsOf, type QuietWindow } from './root-cause/overall';

const PARTS = ['simulated', 'recorded'] as const;

/** Calibration of the confidence: left-out figures, the reliability diagram, risk against coverage. */
export function calibrationSection(outcomes: readonly Outcome[]): string {
  const ofPart = (part: string): readonly Outcome[] =>
    outcomes.filter(({ simulated }) => simulated === (part === 'simulated'));
  const stated = PARTS.map((part) => {
    const { cases, metrics, intervals } = calibrationScore(forecastsOf(ofPart(part)));
    return { set: `${part}, as the product says it`, cases, metrics, intervals };
  }).filter(({ cases }) => cases > 0);
  if (stated.length === 0) return '';
  const rows = [...crossValidated(outcomes), ...stated].map(
    ({ set, cases, metrics, intervals }) => [
      set,
      String(cases),
      figure(metrics['ece']),
      range(intervals['ece']),
      figure(metrics['brierSkill']),
      range(intervals['brierSkill']),
    ],
  );
  const head = ['', 'answers', 'ece', '95 %', 'Brier skill', '95 %'];
  const leftOut = leftOutForecasts(outcomes, 'system');
  const diagrams = PARTS.flatMap((part) => {
    const own = leftOut.filter(({ simulated }) => simulated === (part === 'simulated'));
    const forecasts = own.length > 0 ? own : forecastsOf(ofPart(part));
    if (forecasts.length === 0) return [];
    return [`### ${part}, ${forecasts.length} answers\n\n${diagram(forecasts)}`];
  });
  return [
    '## How sure, and how often right\n\nThe confidence of the first of the ranking is what is called "hit rate on labelled incidents" on screen: P(it is a true cause), over answered cases that have a cause. Expected calibration error in ten bins of equal mass, Brier skill over the base rate. Where a system or a fault kind is left out, the coefficients were fitted on all others; the last lines are those that the product carries, which have seen these cases.',
    mdTable(head, rows),
    'Below, each case was judged by coefficients that had not seen its system: what was said and what came true in bins of equal mass, and the share of wrong answers where only the surest are answered.',
    ...diagrams,
  ].join('\n\n');
}

function diagram(forecasts: readonly Forecast[]): string {
  const bar = (value: number): string => '#'.repeat(Math.round(value * 20));
  const bins = reliability(forecasts);
  const table = bins.map(({ cases, confidence, hitRate }) => [
    figure(confidence),
    figure(hitRate),
    range(wilson(Math.round(hitRate * cases), cases)),
    String(cases),
    `\`${bar(hitRate)}\``,
  ]);
  const risks = riskCoverage(forecasts);
  return [
    mdTable(['said', 'came true', '95 %', 'cases', ''], table),
    chart('Reliability: bars came true, the line is what was said', 'share', {
      axis: bins.map((_, i) => String(i + 1)),
      bars: bins.map(({ hitRate }) => hitRate),
      line: bins.map(({ confidence }) => confidence),
    }),
    mdTable(
      ['answered', 'wrong'],
      risks.map(({ coverage, risk }) => [figure(coverage), figure(risk)]),
    ),
  ].join('\n\n');
}

/** A chart that renders where Markdown does (mermaid). */
function chart(
  title: string,
  unit: string,
  {
    axis,
    bars,
    line,
  }: {
    readonly axis: readonly string[];
    readonly bars: readonly number[];
    readonly line: readonly number[];
  },
): string {
  const list = (values: readonly number[]): string => values.map((v) => v.toFixed(3)).join(', ');
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "bin" [${axis.join(', ')}]`,
    `  y-axis "${unit}" 0 --> 1`,
    `  bar [${list(bars)}]`,
    `  line [${list(line)}]`,
    '```',
  ].join('\n');
}

/** Quiet windows, real incidents lost, and which quiet windows were answered. */
export function quietSection(outcomes: readonly Outcome[]): string {
  const windows = quietWindowsOf(outcomes);
  if (windows.length === 0) return '';
  const row = (name: string, own: readonly QuietWindow[]): readonly string[] => {
    const silent = own.filter((one) => one.silent).length;
    return [
      name,
      String(own.length),
      figure(own.length > 0 ? silent / own.length : undefined),
      range(wilson(silent, own.length)),
    ];
  };
  const of = (part: string): readonly QuietWindow[] =>
    windows.filter(({ simulated }) => simulated === (part === 'simulated'));
  const kinds = PARTS.flatMap((part) =>
    [...new Set(of(part).map(({ kind }) => kind))].sort().map((kind) =>
      row(
        `${part}: ${kind}`,
        of(part).filter((one) => one.kind === kind),
      ),
    ),
  );
  const answered = windows.filter(({ silent }) => !silent);
  const lost = (['', ...PARTS] as const).flatMap((part) => {
    const faults = outcomes.filter(
      ({ quiet, simulated }) => !quiet && (part === '' || simulated === (part === 'simulated')),
    );
    if (faults.length === 0) return [];
    const n = faults.filter(({ abstained }) => abstained).length;
    return [
      [
        part || 'all',
        String(faults.length),
        String(n),
        figure(n / faults.length),
        range(wilson(n, faults.length)),
      ],
    ];
  });
  return [
    '## Not enough evidence\n\nStretches without a fault, asked about as if they were incidents, with the lengths and gaps of the incidents beside them: cut from the fault-free part of a recording, with releases put in that change nothing, with half of the traffic left out around them, or held against another day; and whole quiet cases of the simulator.',
    mdTable(
      ['quiet windows', 'asked', 'answered "not enough evidence"', '95 %'],
      [
        row('all', windows),
        ...PARTS.filter((part) => of(part).length > 0).map((part) => row(part, of(part))),
        ...kinds,
      ],
    ),
    'Real incidents that are answered so are lost, and count as a miss in every table above.',
    mdTable(['incidents', 'asked', 'lost', 'share', '95 %'], lost),
    ...(answered.length > 0
      ? [
          `Answered although nothing was wrong: ${answered.map(({ id, top }) => `${id} (${top ?? ''})`).join(', ')}.`,
        ]
      : []),
  ].join('\n\n');
}

/** How often each method alone was right, by fault kind. */
export function hitRateSection(outcomes: readonly Outcome[]): string {
  const all = hitRates(outcomes);
  const tables = PARTS.flatMap((part) => {
    const rates = all.filter(({ simulated }) => simulated === (part === 'simulated'));
    if (rates.length === 0) return [];
    const methods = [...new Set(rates.map(({ method }) => method))];
    const kinds = [...new Set(rates.map(({ kind }) => kind))].sort();
    const rows = kinds.map((kind) => [
      kind || 'all',
      ...methods.map((method) => {
        const rate = rates.find((r) => r.method === method && r.kind === kind);
        return rate ? `${rate.hits} of ${rate.of}` : '';
      }),
    ]);
    return [`### ${part}\n\n${mdTable(['fault kind', ...methods], rows)}`];
  });
  if (tables.length === 0) return '';
  return [
    '## Hit rate of each method alone\n\nIncidents in which its own first was a true cause, of those in which it named anything; rca.fusion is the ranking that is shown, an abstention a miss.',
    ...tables,
  ].join('\n\n');
}
