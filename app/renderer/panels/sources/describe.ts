import { z } from 'zod';
import type { TimeWindow } from '../../../../core/base';
import type { Notice } from '../../../../core/model';
import type { SourceInfo } from '../../../../core/store';
import { formatCount, plural } from '../../ui';

const ns = z.string().regex(/^-?\d{1,20}$/);
/** Written by us, but a case is a stranger's file. */
const querySchema = z.object({
  sha256: z.string().optional(),
  windows: z.array(z.tuple([ns, ns])).optional(),
  select: z.array(z.string()).optional(),
  budget: z.number().optional(),
  config: z.record(z.string(), z.string()).optional(),
});

export interface Asked {
  /** What was pulled, incident first; empty for files and the receiver. */
  readonly windows: readonly TimeWindow[];
  /** Plain facts about the question, one a line. */
  readonly facts: readonly string[];
}

/** What was asked of a source, from what it keeps of it. */
export function askedOf({ query, sha256 }: Pick<SourceInfo, 'query' | 'sha256'>): Asked {
  const parsed = querySchema.safeParse(jsonOf(query));
  const { windows = [], select, budget, config = {}, sha256: asked } = parsed.data ?? {};
  const facts: string[] = [];
  if (select) facts.push(`${plural(select.length, 'thing')} chosen: ${namesOf(select)}`);
  if (budget !== undefined) facts.push(`at most ${formatCount(budget)} rows a signal`);
  for (const [name, value] of Object.entries(config))
    if (value !== '') facts.push(`${name}: ${value}`);
  const hash = sha256 === '' ? asked : sha256;
  if (hash) facts.push(`SHA-256 ${hash.slice(0, 16)}…`);
  return { windows: windows.map(([from, to]) => ({ from: BigInt(from), to: BigInt(to) })), facts };
}

/**
 * Windows to go on with from those that were pulled, the incident first: from its end to now, and as much again
 * before all of them. Missing where there is nothing of it.
 */
export function goOnFrom(
  windows: readonly TimeWindow[],
  now: bigint,
): { readonly later?: TimeWindow; readonly earlier?: TimeWindow } {
  const [main] = windows;
  if (!main) return {};
  const first = windows.reduce((least, { from }) => (from < least ? from : least), main.from);
  const length = main.to - main.from;
  return {
    ...(now > main.to && { later: { from: main.to, to: now } }),
    ...(length > 0n && { earlier: { from: first - length, to: first } }),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

export interface ListedNotice extends Notice {
  /** Name of the source, or "analysis". */
  readonly from: string;
}

const RANK = { error: 0, warning: 1, info: 2 } as const;
const SAYS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** Stored notices and those of the analysis, the gravest first. */
export function listNotices(
  stored: readonly (Notice & { readonly sourceId: number | null })[],
  found: readonly Notice[],
  sources: readonly Pick<SourceInfo, 'sourceId' | 'name'>[],
): readonly ListedNotice[] {
  const name = new Map(sources.map((source) => [source.sourceId, source.name]));
  const listed: ListedNotice[] = [
    ...stored.map((notice) => ({
      ...notice,
      from: notice.sourceId === null ? 'case' : (name.get(notice.sourceId) ?? 'a removed source'),
    })),
    ...found.map((notice) => ({ ...notice, from: 'analysis' })),
  ];
  return listed.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** A notice as text to paste: message, count, details. */
export function noticeText({ severity, code, count, message, from, detail }: ListedNotice): string {
  const head = `${SAYS[severity]} ${code} (${from}, ${count}): ${message}`;
  const lines = detailLines(detail).map(([key, value]) => `  ${key}: ${value}`);
  return [head, ...lines].join('\n');
}

export function detailLines(detail: Notice['detail']): readonly (readonly [string, string])[] {
  return Object.entries(detail ?? {}).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join('\n') : String(value),
  ]);
}

/** "all 1 204", "1 000 of 31 208 (3.2 %)", "1 000 of an unknown number". */
export function keptText(kept: number, total: number): string {
  if (Number.isNaN(total)) return `${formatCount(kept)} of an unknown number`;
  if (total === 0) return 'nothing there';
  if (kept >= total) return `all ${formatCount(total)}`;
  const share = (100 * kept) / total;
  return `${formatCount(kept)} of ${formatCount(total)} (${share >= 10 ? share.toFixed(0) : share.toPrecision(2)} %)`;
}
