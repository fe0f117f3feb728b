import {
  ANY,
  fixedWords,
  type LogAnomaly,
  type LogAnomalyKind,
  type LogTemplate,
} from '../../../../core/model';

/** The kinds in the order in which they are offered: their word, and a sign for where there is little room. */
export const KINDS: readonly {
  readonly kind: LogAnomalyKind;
  readonly word: string;
  readonly sign: string;
  readonly tone: 'change' | 'warn' | 'base';
}[] = [
  { kind: 'new', word: 'new', sign: '+', tone: 'change' },
  { kind: 'more', word: 'more', sign: '↑', tone: 'warn' },
  { kind: 'fewer', word: 'fewer', sign: '↓', tone: 'base' },
  { kind: 'stopped', word: 'stopped', sign: '×', tone: 'base' },
  { kind: 'order', word: 'out of order', sign: '⇄', tone: 'warn' },
];

/** A line of the list: a template, and what is unusual about it. */
export interface TemplateEntry {
  readonly key: string;
  readonly template: string;
  readonly templateId: string;
  readonly entityId: string;
  readonly severity: number;
  readonly before: number;
  readonly now: number;
  readonly anomaly: LogAnomaly | undefined;
}

/** Which templates are listed: of one entity, only what is unusual, only of one kind. */
export interface Shown {
  readonly entityId: string | undefined;
  readonly unusual: boolean;
  readonly kind: LogAnomalyKind | undefined;
}

/** What is unusual first, least likely by chance first; then the others as they come. */
export function entriesOf(
  templates: readonly LogTemplate[],
  anomalies: readonly LogAnomaly[],
  { entityId, unusual, kind }: Shown,
): readonly TemplateEntry[] {
  const mine = (one: { readonly entityId: string }): boolean =>
    entityId === undefined || one.entityId === entityId;
  const marked = anomalies.filter(mine).map((anomaly): TemplateEntry => ({
    key: `${anomaly.kind} ${anomaly.templateId} ${anomaly.after ?? ''}`,
    template: anomaly.template,
    templateId: anomaly.templateId,
    entityId: anomaly.entityId,
    severity: anomaly.severity,
    before: anomaly.baselineCount,
    now: anomaly.incidentCount,
    anomaly,
  }));
  if (kind !== undefined) return marked.filter(({ anomaly }) => anomaly?.kind === kind);
  if (unusual) return marked;
  const said = new Set(marked.map(({ templateId }) => templateId));
  const others = templates
    .filter((one) => mine(one) && !said.has(one.templateId))
    .map((one): TemplateEntry => ({
      key: one.templateId,
      template: one.template,
      templateId: one.templateId,
      entityId: one.entityId,
      severity: one.severity,
      before: one.baselineCount,
      now: one.incidentCount,
      anomaly: undefined,
    }));
  return [...marked, ...others];
}

/** Anomalies of an entity (of all, where none is chosen) by kind. */
export function countKinds(
  anomalies: readonly LogAnomaly[],
  entityId: string | undefined,
): ReadonlyMap<LogAnomalyKind, number> {
  const counts = new Map<LogAnomalyKind, number>();
  for (const one of anomalies) {
    if (entityId !== undefined && one.entityId !== entityId) continue;
    counts.set(one.kind, (counts.get(one.kind) ?? 0) + 1);
  }
  return counts;
}

/** The pattern of SQL's LIKE (escape character \) that lines of a template have; '' where nothing is fixed. */
export function likeOf(template: string): string {
  const pieces = fixedWords(template);
  if (pieces.length === 0) return '';
  return `%${pieces.map((piece) => piece.replaceAll(/[\\%_]/g, (c) => `\\${c}`)).join('%')}%`;
}

interface Matcher {
  readonly pattern: RegExp;
  readonly fixed: number;
  readonly template: TemplateOf;
}

type TemplateOf = Pick<LogTemplate, 'template' | 'templateId' | 'entityId'>;

/** Finds the template of a line: of those of its entity that fit, the one with the most fixed text. */
export function templateFinder(
  templates: readonly TemplateOf[],
): (entityId: string, body: string) => string | undefined {
  const byEntity = new Map<string, Matcher[]>();
  for (const template of templates) {
    const list = byEntity.get(template.entityId) ?? [];
    list.push(matcherOf(template));
    byEntity.set(template.entityId, list);
  }
  for (const list of byEntity.values()) list.sort((a, b) => b.fixed - a.fixed);
  return (entityId, body) =>
    byEntity.get(entityId)?.find(({ pattern }) => pattern.test(body))?.template.templateId;
}

function matcherOf(template: TemplateOf): Matcher {
  const words = template.template.split(/\s+/).filter((word) => word !== '');
  const source = words.map((word) =>
    word
      .split(ANY)
      .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('[^]*?'),
  );
  const fixed = words.reduce((sum, word) => sum + word.replaceAll(ANY, '').length, 0);
  return { pattern: new RegExp(`^\\s*${source.join('\\s*')}`), fixed, template };
}
