import type { Frame } from '../../model';
import type { logLines } from '../../model/queries';
import { TemplateMiner } from './templates';

export type LogFrame = Frame<(typeof logLines)['def']['columns']>;

/** Parts of equal many lines that the baseline is counted in; the window is one more. */
export const PARTS = 16;
/** Counts of a template or pair: its parts of the baseline in order of time, then the window. */
export const STRIDE = PARTS + 1;

/** Slots of equal many lines in a part: what lies within some of them is one occasion (see occasions.ts). */
export const SLOTS = 16;
/** Slots of the baseline, and of a window up to twice as long; what lies beyond is in the last one. */
const BEFORE = PARTS * SLOTS;
/** Numbers of 32 slots each. */
export const SLOT_STRIDE = (3 * BEFORE) / 32;

const MOST_EXAMPLES = 3;
/** Pairs of two numbers below it are one number without loss. */
const BASE = 2 ** 26;

/** A template of one entity in the lines of baseline and window. */
export interface TemplateCount {
  readonly entityId: string;
  readonly template: string;
  /** Of its worst line. */
  readonly severity: number;
  /** First and last line in the window, ms since the epoch; 0 where there is none. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** First lines in the window. */
  readonly examples: readonly { readonly sourceId: number; readonly rowNo: bigint }[];
}

export interface MinedLines {
  readonly templates: readonly TemplateCount[];
  /** STRIDE counts a template. */
  readonly counts: Float64Array;
  /** Of them those right after one of the same text of the same entity; STRIDE counts a template. */
  readonly repeats: Float64Array;
  /** In which slots it came, a bit each; SLOT_STRIDE numbers a template: the baseline's, then the window's. */
  readonly slots: Uint32Array;
  /** Templates that follow one another within one span, trace or session of an entity; STRIDE counts a pair. */
  readonly pairs: {
    readonly first: Int32Array;
    readonly next: Int32Array;
    readonly counts: Float64Array;
  };
  /** Lines of the baseline and of the window. */
  readonly lines: readonly [number, number];
  /** Lines that were told apart by their beginning. */
  readonly cut: number;
}

/** Numbers that grow by rows. */
class Rows {
  private data: Uint32Array;
  size = 0;

  constructor(private readonly stride = STRIDE) {
    this.data = new Uint32Array(64 * stride);
  }

  add(): number {
    if ((this.size + 1) * this.stride > this.data.length) {
      const grown = new Uint32Array(this.data.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    return this.size++;
  }

  count(row: number, part: number): void {
    const at = row * STRIDE + part;
    this.data[at] = (this.data[at] ?? 0) + 1;
  }

  mark(row: number, slot: number): void {
    const at = row * this.stride + (slot >> 5);
    this.data[at] = (this.data[at] ?? 0) | (1 << (slot & 31));
  }

  markIn(into: Uint32Array, to: number, row: number): void {
    const { data, stride } = this;
    for (let i = 0; i < stride; i++) {
      into[to * stride + i] = (into[to * stride + i] ?? 0) | (data[row * stride + i] ?? 0);
    }
  }

  addTo(into: Float64Array, to: number, row: number): void {
    for (let i = 0; i < STRIDE; i++) {
      into[to * STRIDE + i] = (into[to * STRIDE + i] ?? 0) + (this.data[row * STRIDE + i] ?? 0);
    }
  }
}

/** Lines of one entity that have a pattern. */
interface Cell {
  readonly index: number;
  readonly entityId: string;
  readonly pattern: number;
  severity: number;
  firstMs: number;
  lastMs: number;
  examples: { sourceId: number; rowNo: bigint }[];
}

interface Entity {
  readonly id: string;
  readonly cells: Map<number, Cell>;
  /** Last line of each sequence: twice its cell, and 1 where it is in the window. */
  readonly last: Map<number, number>;
  /** Cell of the last line. */
  lately: number;
}

/** What lines of a text count as. */
interface Known {
  readonly entity: Entity;
  readonly cell: Cell;
  /** Longer than what is looked at. */
  readonly cut: boolean;
}

/**
 * Counts lines by entity and template, and which follows which. Streams: `chunk` takes rows [from, to) in
 * order of time; cost and memory grow with lines and with templates, never with their product.
 */
export class LogTally {
  private readonly miner = new TemplateMiner();
  private readonly known = new Map<number, Known>();
  private readonly entities = new Map<string, Entity>();
  private readonly cells: Cell[] = [];
  private readonly rows = new Rows();
  private readonly repeats = new Rows();
  private readonly slots = new Rows(SLOT_STRIDE);
  private readonly pairOf = new Map<number, number>();
  private readonly pairs = new Rows();
  private before = 0;
  private now = 0;
  private cut = 0;

  /** `baseline`: lines of the baseline that are going to come. */
  constructor(private readonly baseline: number) {}

  chunk({ col }: LogFrame, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const { entity, cell, cut } = this.meet(col, i);
      const inWindow = col.win[i] === 1;
      const slot = this.slotOf(inWindow);
      const part = inWindow ? PARTS : Math.floor(slot / SLOTS);
      if (inWindow) this.now++;
      else this.before++;
      this.slots.mark(cell.index, slot);
      if (entity.lately === cell.index) this.repeats.count(cell.index, part);
      entity.lately = cell.index;
      if (cut || col.cut[i] === 1) this.cut++;
      this.rows.count(cell.index, part);
      cell.severity = Math.max(cell.severity, col.severity[i] ?? 0);
      if (inWindow) this.note(cell, col, i);
      const session = col.session[i] ?? Number.NaN;
      if (!Number.isNaN(session)) this.follow(entity.last, session, cell.index, part);
    }
  }

  /** Only the first line of a text says it. */
  private meet(col: LogFrame['col'], row: number): Known {
    const key = col.text_key[row] ?? 0;
    const before = this.known.get(key);
    if (before) {
      this.miner.again(before.cell.pattern);
      return before;
    }
    const entity = this.entityOf(col.service[row] ?? '');
    const cuts = this.miner.cut;
    const cell = this.cellOf(entity, this.miner.add(col.body[row] ?? ''));
    const known = { entity, cell, cut: this.miner.cut > cuts };
    this.known.set(key, known);
    return known;
  }

  /** Of the next line. */
  private slotOf(inWindow: boolean): number {
    const slot = Math.floor(
      ((inWindow ? this.now : this.before) * BEFORE) / Math.max(1, this.baseline),
    );
    return inWindow ? BEFORE + Math.min(2 * BEFORE - 1, slot) : Math.min(BEFORE - 1, slot);
  }

  private entityOf(id: string): Entity {
    let entity = this.entities.get(id);
    if (!entity)
      this.entities.set(id, (entity = { id, cells: new Map(), last: new Map(), lately: -1 }));
    return entity;
  }

  private cellOf({ id, cells }: Entity, pattern: number): Cell {
    const known = cells.get(pattern);
    if (known) return known;
    const index = this.rows.add();
    this.repeats.add();
    this.slots.add();
    const cell = {
      index,
      entityId: id,
      pattern,
      severity: 0,
      firstMs: 0,
      lastMs: 0,
      examples: [],
    };
    this.cells.push(cell);
    cells.set(pattern, cell);
    return cell;
  }

  private note(cell: Cell, col: LogFrame['col'], row: number): void {
    const ms = col.ts[row] ?? 0;
    if (cell.firstMs === 0) cell.firstMs = ms;
    cell.lastMs = ms;
    if (cell.examples.length >= MOST_EXAMPLES) return;
    cell.examples.push({ sourceId: col.source_id[row] ?? 0, rowNo: BigInt(col.row_no[row] ?? 0) });
  }

  private follow(last: Map<number, number>, session: number, cell: number, part: number): void {
    const inWindow = part === PARTS ? 1 : 0;
    const before = last.get(session);
    last.set(session, 2 * cell + inWindow);
    if (before === undefined || before % 2 !== inWindow) return;
    const key = (before >> 1) * BASE + cell;
    let pair = this.pairOf.get(key);
    if (pair === undefined) this.pairOf.set(key, (pair = this.pairs.add()));
    this.pairs.count(pair, part);
  }

  /** The counts by template, as the lines so far have it. */
  result(): MinedLines {
    const templates: TemplateCount[] = [];
    const templateOf = new Int32Array(this.cells.length);
    for (const entity of this.entities.values()) this.merge(entity, templates, templateOf);
    const counts = new Float64Array(templates.length * STRIDE);
    const repeats = new Float64Array(templates.length * STRIDE);
    const slots = new Uint32Array(templates.length * SLOT_STRIDE);
    for (const { index } of this.cells) {
      this.rows.addTo(counts, templateOf[index] ?? 0, index);
      this.repeats.addTo(repeats, templateOf[index] ?? 0, index);
      this.slots.markIn(slots, templateOf[index] ?? 0, index);
    }
    const pairs = this.pairCounts(templateOf);
    return {
      templates,
      counts,
      repeats,
      slots,
      pairs,
      lines: [this.before, this.now],
      cut: this.cut,
    };
  }

  private merge(entity: Entity, templates: TemplateCount[], templateOf: Int32Array): void {
    const merged = new Map<string, number>();
    for (const { index, pattern, ...cell } of entity.cells.values()) {
      const template = this.miner.templateOf(pattern);
      const at = merged.get(template);
      templateOf[index] = at ?? templates.length;
      const one = at === undefined ? undefined : templates[at];
      if (at !== undefined && one) templates[at] = both(one, cell);
      else {
        merged.set(template, templates.length);
        templates.push({ template, ...cell });
      }
    }
  }

  private pairCounts(templateOf: Int32Array): MinedLines['pairs'] {
    const merged = new Map<number, number>();
    const rowsOf: number[][] = [];
    for (const [key, row] of this.pairOf) {
      const [a, b] = [templateOf[Math.floor(key / BASE)] ?? 0, templateOf[key % BASE] ?? 0];
      const at = merged.get(a * BASE + b);
      if (at === undefined) {
        merged.set(a * BASE + b, rowsOf.length);
        rowsOf.push([row]);
      } else rowsOf[at]?.push(row);
    }
    const keys = [...merged.keys()];
    const counts = new Float64Array(keys.length * STRIDE);
    for (const [to, rows] of rowsOf.entries())
      for (const row of rows) this.pairs.addTo(counts, to, row);
    const first = Int32Array.from(keys, (key) => Math.floor(key / BASE));
    return { first, next: Int32Array.from(keys, (key) => key % BASE), counts };
  }
}

function both(one: TemplateCount, other: Omit<TemplateCount, 'template'>): TemplateCount {
  const starts = [one.firstMs, other.firstMs].filter((ms) => ms > 0);
  return {
    ...one,
    severity: Math.max(one.severity, other.severity),
    firstMs: starts.length > 0 ? Math.min(...starts) : 0,
    lastMs: Math.max(one.lastMs, other.lastMs),
    examples: [...one.examples, ...other.examples].slice(0, MOST_EXAMPLES),
  };
}
