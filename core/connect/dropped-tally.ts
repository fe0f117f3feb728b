import { entityId, type DroppedCount, type DroppedWhy, type Signal } from '../model';
import { isPlausible } from './kit/dropped-place';

/** Stretches that are told apart. */
const CELLS = 2000;
/** The shortest stretch, ns: 1 s. It is doubled where there would be too many. */
const SHORTEST = 1_000_000_000n;

interface Cell {
  readonly signal: Signal;
  readonly why: DroppedWhy;
  readonly entityId: string;
  /** The stretch by its number from the epoch on; undefined where the time can't be read. */
  readonly nth: bigint | undefined;
  records: number;
}

export interface DroppedAt {
  readonly signal: Signal;
  /** ns since the epoch, where it can be read. */
  readonly at?: bigint;
  readonly service?: string;
  readonly why?: DroppedWhy;
  readonly records?: number;
}

/** The same of records that are at hand. */
export function droppedCounts(records: readonly DroppedAt[]): readonly DroppedCount[] {
  const tally = new DroppedTally();
  for (const record of records) tally.add(record);
  return tally.take();
}

/** Counts dropped records by signal, service and time, in bounded memory: the more of them, the longer the stretches. */
export class DroppedTally {
  private cells = new Map<string, Cell>();
  private width = SHORTEST;

  add({ signal, at, service = '', why = 'unreadable', records = 1 }: DroppedAt): void {
    const nth = at !== undefined && isPlausible(at) ? at / this.width : undefined;
    const about = service === '' ? '' : entityId('service', service);
    this.put({ signal, why, entityId: about, nth, records });
    while (this.cells.size > CELLS) this.widen();
  }

  /** What has been counted, which is then forgotten. */
  take(): readonly DroppedCount[] {
    const { width } = this;
    const counts = [...this.cells.values()].map(({ nth, ...cell }) => ({
      ...cell,
      window: nth === undefined ? null : { from: nth * width, to: (nth + 1n) * width },
    }));
    this.cells = new Map();
    this.width = SHORTEST;
    return counts;
  }

  private put({ records, ...cell }: Cell): void {
    const key = [cell.signal, cell.why, String(cell.nth), cell.entityId].join(' ');
    const known = this.cells.get(key);
    if (known) known.records += records;
    else this.cells.set(key, { ...cell, records });
  }

  /** Stretches of twice the length; where time is not what makes them many, the services are given up. */
  private widen(): void {
    const former = [...this.cells.values()];
    const nameless = this.width > SHORTEST << 22n;
    this.width *= nameless ? 1n : 2n;
    this.cells = new Map();
    for (const { nth, ...cell } of former) {
      const wider = nth === undefined || nameless ? nth : nth / 2n;
      this.put({ ...cell, nth: wider, ...(nameless ? { entityId: '' } : {}) });
    }
  }
}
