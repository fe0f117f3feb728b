import { asFaultlineError } from '../base';
import { checkQueryOf, renderSql, type Evidence, type Frame, type RowSnapshot } from '../model';
import { snapshotOf } from '../analysis';
import { storedEvidence } from '../model/queries';
import type { CaseStore } from '../store';

export interface ClaimCheck {
  readonly cause: string;
  readonly evidenceId: string;
  readonly claim: string;
  readonly state: 'holds' | 'differs' | 'not-checkable';
  readonly stored: number | string | null;
  readonly now: number | string | null;
  /** What differs, in words. */
  readonly why: string;
  /** Rows that the figure rested on, and rests on; undefined where the claim has no snapshot. */
  readonly storedRows?: RowSnapshot;
  readonly nowRows?: RowSnapshot;
}

/** Relative tolerance of floats (DESIGN §5): threads add in any order. */
const TOLERANCE = 1e-9;

/** Recomputes the stored claims of a case: each evidence query is run again and compared. */
export async function checkCase(
  store: CaseStore,
  signal?: AbortSignal,
): Promise<readonly ClaimCheck[]> {
  const analysis = await store.loadAnalysis();
  const checks: ClaimCheck[] = [];
  const rows = analysis ? await evidenceRows(store) : new Map<string, StoredRow>();
  for (const cause of analysis?.ranking ?? []) {
    for (const evidence of cause.evidence) {
      if (evidence.query === '') continue;
      const row = rows.get(`${cause.entity.id}\u0001${evidence.id}`);
      const check = await checkEvidence(store, evidence, signal);
      checks.push({
        cause: cause.entity.id,
        ...(check.state === 'holds' ? alike(check, row) : check),
      });
    }
  }
  return checks;
}

interface StoredRow {
  readonly claim: string;
  readonly value: string | null;
}

async function evidenceRows(store: CaseStore): Promise<ReadonlyMap<string, StoredRow>> {
  const { rows, col } = await store.run(storedEvidence({ dataVersion: await store.dataVersion() }));
  return new Map(
    Array.from({ length: rows }, (_, i) => [
      `${col.entity_id[i]}\u0001${col.evidence_id[i]}`,
      { claim: col.claim[i] ?? '', value: col.value[i] ?? null },
    ]),
  );
}

/** The evidence table, which other programs read, says what the run says. */
function alike<C extends Omit<ClaimCheck, 'cause'>>(check: C, row: StoredRow | undefined): C {
  const stored = check.stored === null ? null : String(check.stored);
  if (row && row.claim === check.claim && row.value === stored) return check;
  return {
    ...check,
    state: 'differs',
    why: 'The evidence table and the run say different things.',
  };
}

async function checkEvidence(
  store: CaseStore,
  evidence: Evidence,
  signal: AbortSignal | undefined,
): Promise<Omit<ClaimCheck, 'cause'>> {
  const base = { evidenceId: evidence.id, claim: evidence.claim, stored: evidence.value };
  const version = checkQueryOf(evidence.query);
  if (version === undefined || version !== evidence.version) {
    const why =
      version === undefined
        ? `This version has no query "${evidence.query}".`
        : `The query is version ${version} now, the claim was made with ${evidence.version}.`;
    return { ...base, state: 'not-checkable', now: null, why };
  }
  try {
    const call = { query: evidence.query, version: evidence.version, params: evidence.params };
    const frame = await store.run(call, { signal, anew: true });
    const now = cellOf(frame, evidence.column);
    const rows = { storedRows: evidence.snapshot, nowRows: snapshotOf(frame) };
    const other = otherRows(rows.storedRows, rows.nowRows);
    const same = sameValue(evidence.value, now);
    if (same && other === undefined) return { ...base, ...rows, state: 'holds', now, why: '' };
    const why = same
      ? `The figure is the same, its rows are not: ${other}`
      : (other ?? 'It rests on the same rows.');
    return { ...base, ...rows, state: 'differs', now, why };
  } catch (error) {
    const { code, message } = asFaultlineError(error);
    if (code === 'cancelled') throw error;
    return { ...base, state: 'differs', now: null, why: message };
  }
}

/** How the rows differ from those of the snapshot, in words; undefined where they don't, or none was taken. */
export function otherRows(
  stored: RowSnapshot | undefined,
  now: RowSnapshot | undefined,
): string | undefined {
  if (!stored) return undefined;
  if (!now) return 'The query does not say any more which rows it rests on.';
  if (stored.rows !== now.rows) {
    const by = Math.abs(now.rows - stored.rows);
    const way = now.rows < stored.rows ? 'fewer' : 'more';
    return `${now.rows} rows, ${by} ${way} than when the claim was made.`;
  }
  const lost = stored.first.filter((place) => !now.first.includes(place));
  if (lost.length > 0) {
    const first = now.first.filter((place) => !stored.first.includes(place));
    return `Among the first rows ${first.join(', ')} stand in place of ${lost.join(', ')}.`;
  }
  return stored.hash === now.hash ? undefined : 'As many rows, but what they say has changed.';
}

function cellOf(frame: Frame, column: string): number | string | null {
  const data: ArrayLike<unknown> | undefined = frame.col[column];
  const value = data?.[0];
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}

export function sameValue(a: number | string | null, b: number | string | null): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) && Number.isNaN(b)) return true;
    return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
  }
  // An undefined figure is stored as null: JSON and DuckDB agree on that.
  const normal = (v: number | string | null): number | string | null =>
    typeof v === 'number' && Number.isNaN(v) ? null : v;
  return normal(a) === normal(b);
}

/** The SQL behind a claim, as it can be run in any DuckDB client; '' where there is none. */
export function evidenceSql(evidence: Evidence): string {
  if (evidence.query === '' || checkQueryOf(evidence.query) === undefined) return '';
  return renderSql({ query: evidence.query, version: evidence.version, params: evidence.params });
}
