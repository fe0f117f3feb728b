import type {
  Culprit,
  Evidence,
  Frame,
  FrameSpec,
  QueryCall,
  RowSnapshot,
  SqlParams,
} from '../../model';
import type { Coverage } from '../detect/coverage';
import type { Facts } from '../facts';
import type { FetchFrames } from '../seam';
import { queryWindows } from '../windows';

/** A claim as it is put down; id, version and snapshot follow from the rest. */
interface Claim<S extends FrameSpec> {
  readonly stance: Evidence['stance'];
  readonly claim: string;
  readonly call: QueryCall<S>;
  /** What the query answered. */
  readonly frame: Frame<S>;
  /** The column of its first row that the claim rests on. */
  readonly column: keyof S & string;
  readonly rows: number;
  readonly signal: Evidence['signal'];
}

/** Where the evidence about one entity is gathered: each claim with its query, figure and rows. */
export class Desk {
  readonly evidence: Evidence[] = [];
  readonly culprits: Culprit[] = [];
  readonly windows: ReturnType<typeof queryWindows>;
  /** The entity and what folds into it. */
  readonly ids: readonly string[];

  constructor(
    readonly facts: Facts,
    readonly coverage: Coverage,
    readonly fetch: FetchFrames,
    readonly entityId: string,
  ) {
    this.windows = queryWindows(facts.incident, facts.baseline);
    const known = [...facts.graph.entities.keys()].filter((id) => this.mine(id));
    this.ids = [...new Set([entityId, ...known])].sort();
  }

  mine(id: string): boolean {
    return this.facts.fold(id) === this.entityId;
  }

  add<S extends FrameSpec>({ stance, claim, call, frame, column, rows, signal }: Claim<S>): void {
    const { query, version, params } = call;
    this.evidence.push({
      id: `e${this.evidence.length + 1}`,
      stance,
      claim,
      query,
      version,
      params: params satisfies SqlParams,
      column,
      value: figureOf(frame, column),
      rows: Number.isNaN(rows) ? 0 : rows,
      signal,
      snapshot: snapshotOf(frame),
    });
  }
}

/** The first row's figure; null where it is undefined, as it is stored. */
export function figureOf(frame: Frame, column: string): number | string | null {
  const value: unknown = frame.col[column]?.[0];
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' ? value : null;
}

/** The snapshot that an evidence query gives beside its figure. */
export function snapshotOf(frame: Frame): RowSnapshot | undefined {
  const { snap_rows, snap_hash, snap_first } = frame.col;
  const [rows, hash, first] = [snap_rows?.[0], snap_hash?.[0], snap_first?.[0]];
  if (typeof rows !== 'number' || Number.isNaN(rows)) return undefined;
  if (typeof hash !== 'string' || typeof first !== 'string') return undefined;
  return { rows, hash, first: first === '' ? [] : first.split(' ') };
}
