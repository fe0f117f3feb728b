import { formatRfc3339, type TimeWindow } from '../../core/base';
import {
  propagationText,
  type AnalysisResult,
  type Evidence,
  type RankedCause,
} from '../../core/model';
import { evidenceSql } from '../../core/session';
import { table } from './output';

/** `analyze --json`, schema 1: the contract of the command line. */
export function analysisJson(
  file: string,
  result: AnalysisResult,
  measured: { readonly importMs: number | undefined; readonly peakRssBytes: number },
): Readonly<Record<string, unknown>> {
  return {
    schema: 1,
    case: file,
    incident: { ...times(result.incident), given: result.incident.given },
    baseline: result.baseline ? { ...times(result.baseline), given: result.baseline.given } : null,
    verdict: result.verdict,
    headline: result.headline,
    missing: result.missing,
    robustToBaselines: result.robustToBaselines,
    ranking: result.ranking.map(causeJson),
    alertGroups: result.alertGroups.map(({ members, from, to, ...group }) => ({
      ...group,
      ...times({ from, to }),
      members: members.length,
    })),
    notices: result.notices.map(({ code, count, message }) => ({ code, count, message })),
    timings: { ...result.timings, ...measured },
  };
}

function times({ from, to }: TimeWindow): { from: string; to: string } {
  return { from: formatRfc3339(from), to: formatRfc3339(to) };
}

function causeJson(cause: RankedCause): object {
  const { rank, entity, score, confidence, bucket, sentence, onset, methods, culprits } = cause;
  return {
    rank,
    entity,
    score,
    confidence,
    bucket,
    sentence,
    onset: onset === undefined ? null : formatRfc3339(onset),
    methods,
    culprits,
    propagation: cause.propagation.map(({ steps }) => ({
      steps: steps.map(({ entityId, kind, onset: began, delayMs }) => ({
        entityId,
        kind,
        onset: began === undefined ? null : formatRfc3339(began),
        delayMs: delayMs ?? null,
      })),
    })),
    evidence: cause.evidence.map((e) => {
      const { id, stance, claim, query, version, params, value, rows, signal, snapshot } = e;
      return {
        id,
        stance,
        claim,
        query,
        version,
        params,
        value,
        rows,
        signal,
        snapshot,
        sql: evidenceSql(e),
      };
    }),
  };
}

const MARK: Readonly<Record<Evidence['stance'], string>> = { for: '+', against: '-', missing: '?' };

/** The ranking for people: the verdict, the causes, the evidence of the first ones. */
export function analysisText(result: AnalysisResult, causes = 5): string {
  const { from, to } = times(result.incident);
  const lines = [
    result.headline,
    `incident  ${from} .. ${to}${result.incident.given ? '' : '  (found, not given)'}`,
  ];
  if (result.baseline) {
    const b = times(result.baseline);
    lines.push(
      `baseline  ${b.from} .. ${b.to}${result.baseline.given ? '' : '  (found, not given)'}`,
    );
  }
  for (const missing of result.missing) lines.push(`  missing: ${missing}`);
  const rows = result.ranking
    .slice(0, causes)
    .map(({ rank, entity, confidence, bucket, sentence }) => [
      String(rank),
      entity.name,
      confidence.toFixed(2),
      bucket,
      sentence,
    ]);
  if (rows.length > 0) lines.push('', table(['#', 'entity', 'hit rate', 'bucket', 'what'], rows));
  for (const cause of result.ranking.slice(0, 2)) {
    lines.push('', `${cause.rank}. ${cause.entity.name}`);
    for (const way of cause.propagation) lines.push(`   > ${propagationText(way)}`);
    for (const { stance, claim, signal, rows: count } of cause.evidence) {
      lines.push(
        `   ${MARK[stance]} ${claim}  (${signal} · ${count} ${count === 1 ? 'row' : 'rows'})`,
      );
    }
  }
  for (const { message } of result.notices) lines.push(`notice: ${message}`);
  return lines.join('\n');
}
