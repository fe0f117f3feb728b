import {
  matters,
  type Came,
  type Frame,
  type QueryCall,
  type QueryDef,
  type Reads,
} from '../model';

/** Cells of all kept answers together, about 60 MB. */
const MOST_CELLS = 6_000_000;

interface Kept {
  readonly frame: Frame;
  readonly cells: number;
  readonly reads: Reads;
}

/**
 * Answers of queries that say which rows they read (`reads`), kept until a row comes that could matter to them:
 * what is asked again after a minute of new rows costs the questions that these touch. Those not asked for
 * longest go first.
 */
export class KeptAnswers {
  private readonly answers = new Map<string, Kept>();
  private cells = 0;
  private stamps = 0;
  /** Counts up whenever answers may have become old: one that was worked out across it is not kept. */
  state = 0;

  keyOf({ query, version, params }: QueryCall): string {
    return JSON.stringify([query, version, params], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
  }

  /** A copy: whoever asked may transfer it. */
  get(key: string): Frame | undefined {
    const kept = this.answers.get(key);
    if (!kept) return undefined;
    this.answers.delete(key);
    this.answers.set(key, kept);
    return copyOf(kept.frame);
  }

  /** Keeps an answer that was worked out in `state`; what comes back has its stamp. */
  put(key: string, def: QueryDef, call: QueryCall, frame: Frame, state: number): Frame {
    const reads = def.reads?.(call.params);
    if (!reads || state !== this.state) return frame;
    const cells = frame.rows * Object.keys(frame.col).length + 100;
    if (cells > MOST_CELLS) return frame;
    const stamped = { ...frame, stamp: ++this.stamps };
    this.drop(key);
    this.answers.set(key, { frame: copyOf(stamped), cells, reads });
    this.cells += cells;
    for (const oldest of this.answers.keys()) {
      if (this.cells <= MOST_CELLS) break;
      this.drop(oldest);
    }
    return stamped;
  }

  /** Rows came; nothing else changed. */
  came(all: readonly Came[]): void {
    this.state++;
    for (const [key, { reads }] of this.answers) {
      if (all.some((came) => matters(came, reads))) this.drop(key);
    }
  }

  clear(): void {
    this.state++;
    this.answers.clear();
    this.cells = 0;
  }

  private drop(key: string): void {
    this.cells -= this.answers.get(key)?.cells ?? 0;
    this.answers.delete(key);
  }
}

function copyOf(frame: Frame): Frame {
  const columns = Object.entries(frame.col).map(
    ([name, column]) => [name, column.slice()] as const,
  );
  return { ...frame, col: Object.fromEntries(columns) };
}
