import { FaultlineError } from '../base';

/**
 * Types of a result's columns. 'f64' null → NaN; 'str' null → ''; 'i64' null → 0n; 'bool' is 0/1.
 * 'map' is a plain record per row and 'str?' keeps null: for small results only.
 */
export type FrameType = 'f64' | 'i32' | 'i64' | 'bool' | 'str' | 'str?' | 'map';

export interface FrameArrays {
  f64: Float64Array;
  i32: Int32Array;
  i64: BigInt64Array;
  bool: Uint8Array;
  str: readonly string[];
  'str?': readonly (string | null)[];
  map: readonly Readonly<Record<string, string>>[];
}

export type FrameSpec = Readonly<Record<string, FrameType>>;

/** A query's result, column by column; structured-cloneable, typed arrays can be transferred. */
export interface Frame<S extends FrameSpec = FrameSpec> {
  readonly rows: number;
  /** Of an answer that the store keeps: equal stamps of one store stand on equal answers. */
  readonly stamp?: number;
  readonly col: { readonly [K in keyof S]: FrameArrays[S[K]] };
}

/** The buffers to transfer with a frame, each once. */
export function transferables(frame: Frame): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const column of Object.values(frame.col)) {
    if (ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer) {
      buffers.add(column.buffer);
    }
  }
  return [...buffers];
}

/** The frame of a spec without a row. */
export function emptyFrame<S extends FrameSpec>(spec: S): Frame<S> {
  const make = (type: FrameType): FrameArrays[FrameType] => {
    switch (type) {
      case 'f64':
        return new Float64Array(0);
      case 'i32':
        return new Int32Array(0);
      case 'i64':
        return new BigInt64Array(0);
      case 'bool':
        return new Uint8Array(0);
      default:
        return [];
    }
  };
  const col = Object.fromEntries(Object.entries(spec).map(([name, type]) => [name, make(type)]));
  return { rows: 0, col: col as Frame<S>['col'] };
}

/** Throws where a frame lacks a column of the spec: a query and its spec must not drift apart. */
export function checkFrame<S extends FrameSpec>(frame: Frame, spec: S, query: string): Frame<S> {
  for (const name of Object.keys(spec)) {
    if (!(name in frame.col)) {
      throw new FaultlineError('internal', `The query ${query} answers without column ${name}.`);
    }
  }
  return frame as Frame<S>;
}
