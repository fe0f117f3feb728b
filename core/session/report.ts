import { formatRfc3339, type TimeWindow } from '../base';
import { propagationText, type AnalysisResult, type Evidence, type RankedCause } from '../model';
import type { CaseFacts } from '../store';
import { evidenceSql } from './check';

const MARK: Readonly<Record<Evidence['stance'], string>> = { for: '+', against: '−', missing: '?' };

/** The postmortem's skeleton as Markdown: verdict, causes with evidence, groups, sources, notices. */
export function reportMarkdown(title: string, facts: CaseFacts, analysis: AnalysisResult): string {
  const lines = [`# ${md(title)}`, '', `**${md(analysis.headline)}**`, ''];
  lines.push(`- Incident: ${windowText(analysis.incident)}${given(analysis.incident.given)}`);
  if (analysis.baseline) {
    lines.push(`- Baseline: ${windowText(analysis.baseline)}${given(analysis.baseline.given)}`);
  }
  for (const missing of analysis.missing) lines.push(`- Missing: ${md(missing)}`);
  lines.push('', '## Probable causes', '');
  for (const cause of analysis.ranking.slice(0, 5)) lines.push(...causeLines(cause));
  lines.push(
    '## Alerts',
    '',
    '| group | severity | from | to | notifications | why they stand together |',
    '|---|---|---|---|---|---|',
  );
  for (const group of analysis.alertGroups) {
    const { title: name, severity, from, to, notifications, why = '' } = group;
    const times = [formatRfc3339(from), formatRfc3339(to)];
    const cells = [md(name), md(severity), ...times, notifications, md(why)];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  lines.push('', '## Sources', '', '| source | connector | rows | state |', '|---|---|---|---|');
  for (const { name, connector, rows, state } of facts.sources) {
    lines.push(`| ${[md(name), md(connector), rows, state].join(' | ')} |`);
  }
  lines.push('', '## Notices', '');
  const notices = [...facts.notices, ...analysis.notices];
  for (const { message } of notices) lines.push(`- ${md(message)}`);
  if (notices.length === 0) lines.push('None.');
  return `${lines.join('\n')}\n`;
}

function causeLines(cause: RankedCause): string[] {
  const { rank, entity, confidence, bucket, sentence } = cause;
  const head = `### ${rank}. ${md(entity.name)} (${bucket.replace('-', ' ')}, ${confidence.toFixed(2)})`;
  const lines = [head, '', md(sentence), ''];
  for (const way of cause.propagation) lines.push(`Way: ${md(propagationText(way))}`, '');
  for (const evidence of cause.evidence) {
    const { stance, claim, signal, rows } = evidence;
    lines.push(`- ${MARK[stance]} ${md(claim)} (${signal}, ${rowsText(rows)})`);
    const sql = evidenceSql(evidence);
    if (sql !== '') lines.push('', ...['```sql', sql.trim(), '```'].map((l) => indent(l)), '');
  }
  lines.push('');
  return lines;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function windowText({ from, to }: TimeWindow): string {
  return `${formatRfc3339(from)} to ${formatRfc3339(to)}`;
}

function given(is: boolean): string {
  return is ? '' : ' (found, not given)';
}

/** Text of a case in Markdown: what would be markup there is escaped. */
function md(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, (c) => `\\${c}`).replaceAll('\n', ' ');
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The same as one HTML page without scripts or anything from elsewhere. */
export function reportHtml(title: string, facts: CaseFacts, analysis: AnalysisResult): string {
  const causes = analysis.ranking.slice(0, 5).map(
    (cause) =>
      `<section><h3>${cause.rank}. ${html(cause.entity.name)} <small>${html(cause.bucket)}, ${cause.confidence.toFixed(2)}</small></h3>
<p>${html(cause.sentence)}</p>${cause.propagation.map((way) => `<p>Way: ${html(propagationText(way))}</p>`).join('')}<ul>${cause.evidence.map(evidenceHtml).join('')}</ul></section>`,
  );
  const sources = facts.sources.map(
    (s) => `<tr><td>${html(s.name)}<td>${html(s.connector)}<td>${s.rows}<td>${s.state}`,
  );
  const notices = [...facts.notices, ...analysis.notices].map((n) => `<li>${html(n.message)}`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${html(title)}</title>
<style>body{font:15px/1.5 system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}
pre{background:#f3f4f6;padding:.5rem;overflow:auto}td{padding:.1rem .8rem .1rem 0}small{color:#5b6470}</style>
<h1>${html(title)}</h1><p><strong>${html(analysis.headline)}</strong></p>
<p>Incident ${windowText(analysis.incident)}${given(analysis.incident.given)}</p>
<h2>Probable causes</h2>${causes.join('')}
<h2>Sources</h2><table>${sources.join('')}</table>
<h2>Notices</h2><ul>${notices.join('') || '<li>None.'}</ul></html>
`;
}

function evidenceHtml(evidence: Evidence): string {
  const sql = evidenceSql(evidence);
  const details =
    sql === '' ? '' : `<details><summary>SQL</summary><pre>${html(sql)}</pre></details>`;
  return `<li>${MARK[evidence.stance]} ${html(evidence.claim)} <small>${evidence.signal}, ${rowsText(evidence.rows)}</small>${details}`;
}

function rowsText(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}
