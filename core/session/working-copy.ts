import type { Engine } from '../store';

/** What is known of a working copy without opening it. Lives beside it, never in the case file. */
export interface CopyNote {
  readonly name: string;
  readonly path: string | null;
  readonly dirty: boolean;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface CopyEntry extends CopyNote {
  readonly id: string;
  readonly size: number;
  /** True while another tab or window has it open. */
  readonly busy: boolean;
}

/**
 * Where open cases live: OPFS in the workbench. A working copy is durable to its last commit, so a
 * crash loses at most the last seconds.
 */
export interface WorkingCopies {
  list(): Promise<readonly CopyEntry[]>;
  /** Writes a case file's bytes as a new working copy. */
  put(id: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Opens (or creates) the database of a working copy. */
  open(id: string): Promise<Engine>;
  /** The bytes of a checkpointed working copy, in chunks. */
  read(id: string): AsyncIterable<Uint8Array>;
  /** A copy without a note was cut off while it was made: it is listed as not dirty, so that it goes. */
  note(id: string, note: CopyNote): Promise<void>;
  remove(id: string): Promise<void>;
}
