import { createRng } from '../../base';

/** Inner products of rows (one value of every series each) with the baseline rows. */
export interface Gram {
  readonly rows: number;
  readonly base: { readonly from: number; readonly to: number };
  /** Row r and the b-th baseline row, at r * width + b. */
  readonly products: Float64Array;
  readonly width: number;
  /** Squared length of each row. */
  readonly squares: Float64Array;
}

/** One pass over the series; cost: rows × baseline rows × series. Yields how far it is, 0–1. */
export function* gramOf(
  z: readonly Float64Array[],
  rows: number,
  base: Gram['base'],
): Generator<number, Gram, void> {
  const width = base.to - base.from;
  const products = new Float64Array(rows * width);
  const squares = new Float64Array(rows);
  for (const [i, one] of z.entries()) {
    if (i % 32 === 0) yield i / z.length;
    const usual = one.subarray(base.from, base.to);
    for (let row = 0; row < rows; row++) {
      const v = one[row] ?? 0;
      if (v === 0) continue;
      squares[row] = (squares[row] ?? 0) + v * v;
      const at = row * width;
      for (let b = 0; b < width; b++)
        products[at + b] = (products[at + b] ?? 0) + v * (usual[b] ?? 0);
    }
  }
  return { rows, base, products, width, squares };
}

/** The same without some of the series. */
export function without(gram: Gram, z: readonly Float64Array[]): Gram {
  const { rows, base, width } = gram;
  const products = gram.products.slice();
  const squares = gram.squares.slice();
  for (const one of z) {
    for (let row = 0; row < rows; row++) {
      const v = one[row] ?? 0;
      squares[row] = Math.max(0, (squares[row] ?? 0) - v * v);
      if (v === 0) continue;
      for (let b = 0; b < width; b++) {
        const at = row * width + b;
        products[at] = (products[at] ?? 0) - v * (one[base.from + b] ?? 0);
      }
    }
  }
  return { rows, base, products, width, squares };
}

/** The usual pattern of many series: directions in which they move together, and how far along each. */
export interface Model {
  /** T² (Mahalanobis distance along the pattern, per direction) and Q (what is left over) of a row. */
  at(row: number): { readonly distance: number; readonly rest: number };
  /** Weights of the baseline rows whose mixture is what the pattern expects of a row. */
  weights(row: number): Float64Array;
}

/** Of the spread of all directions, kept until so much is explained. */
const EXPLAINED = 0.9;
/** Baseline rows for each direction that is kept, at least. */
const ROWS_A_DIRECTION = 5;

/**
 * Principal components of the baseline rows asked for, around the median, each row weighing no more than a
 * typical one (generalised spatial signs); the spread along each is the MAD of the rows' scores. Works on
 * inner products alone: there may be far more series than rows.
 */
export function spatialModel(gram: Gram, use: (row: number) => boolean, most: number): Model {
  const { base, products, width, squares } = gram;
  const used = Int32Array.from({ length: width }, (_, b) => b).filter((b) => use(base.from + b));
  const n = used.length;
  const lengths = Float64Array.from(used, (b) => Math.sqrt(squares[base.from + b] ?? 0));
  const typical = Float64Array.from(lengths).sort()[n >> 1] ?? 0;
  const sign = lengths.map((length) => (length > typical ? typical / length : 1));
  const matrix = weighted(gram, used, sign);
  const { vectors, values } = leading(matrix, n, Math.min(most, Math.floor(n / ROWS_A_DIRECTION)));
  const trace = used.reduce((sum, _, i) => sum + (matrix[i * n + i] ?? 0), 0);
  const kept = keptOf(values, trace);
  // Score of a row along a direction: a weighted sum of its products with the baseline rows.
  const mixes = vectors.slice(0, kept).map((vector, k) => {
    const mix = new Float64Array(width);
    used.forEach(
      (b, i) => (mix[b] = ((vector[i] ?? 0) * (sign[i] ?? 0)) / Math.sqrt(values[k] ?? 1)),
    );
    return mix;
  });
  const scoresAt = (row: number): Float64Array =>
    Float64Array.from(mixes, (mix) => {
      let sum = 0;
      for (let b = 0; b < width; b++) sum += (mix[b] ?? 0) * (products[row * width + b] ?? 0);
      return sum;
    });
  const spreads = spreadsOf(
    [...used].map((b) => scoresAt(base.from + b)),
    kept,
  );
  return {
    at(row) {
      const scores = scoresAt(row);
      let [distance, along] = [0, 0];
      scores.forEach((score, k) => {
        along += score * score;
        distance += (score / (spreads[k] ?? 1)) ** 2;
      });
      return {
        distance: distance / Math.max(1, kept),
        rest: Math.max(0, (squares[row] ?? 0) - along),
      };
    },
    weights(row) {
      const out = new Float64Array(width);
      scoresAt(row).forEach((score, k) => {
        const mix = mixes[k];
        if (mix) for (let b = 0; b < width; b++) out[b] = (out[b] ?? 0) + score * (mix[b] ?? 0);
      });
      return out;
    },
  };
}

/** Products of the baseline rows used, each weighing what its sign says. */
function weighted(
  { base, products, width }: Gram,
  used: Int32Array,
  sign: Float64Array,
): Float64Array {
  const n = used.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const at = (base.from + (used[i] ?? 0)) * width;
    for (let j = 0; j < n; j++)
      matrix[i * n + j] = (sign[i] ?? 0) * (sign[j] ?? 0) * (products[at + (used[j] ?? 0)] ?? 0);
  }
  return matrix;
}

function keptOf(values: readonly number[], trace: number): number {
  let sum = 0;
  let kept = 0;
  for (const value of values) {
    // What is as small as rounding is no direction.
    if (!(value > 1e-9 * trace) || sum >= EXPLAINED * trace) break;
    sum += value;
    kept++;
  }
  return kept;
}

function spreadsOf(scores: readonly Float64Array[], kept: number): readonly number[] {
  return Array.from({ length: kept }, (_, k) => {
    const sizes = Float64Array.from(scores, (one) => Math.abs(one[k] ?? 0)).sort();
    const root = Math.sqrt(sizes.reduce((sum, v) => sum + v * v, 0) / Math.max(1, sizes.length));
    // Where most rows do not move along it, the root mean square is what there is.
    return Math.max(1.4826 * (sizes[sizes.length >> 1] ?? 0), 0.1 * root, Number.MIN_VALUE);
  });
}

const ROUNDS = 40;
/** Relative change of the eigenvalues at which a further round turns nothing that matters. */
const SETTLED = 1e-3;

/** Leading eigenvectors of a symmetric, positive matrix by orthogonal iteration (Rutishauser 1970). */
function leading(
  matrix: Float64Array,
  n: number,
  count: number,
): { readonly vectors: readonly Float64Array[]; readonly values: readonly number[] } {
  const rng = createRng('pattern');
  let vectors: Float64Array[] = Array.from({ length: count }, () =>
    Float64Array.from({ length: n }, () => rng.next() - 0.5),
  );
  let values: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = vectors.map((v) => times(matrix, v, n));
    const before = values;
    values = orthonormalise(next);
    vectors = next;
    if (values.every((v, k) => Math.abs(v - (before[k] ?? 0)) <= SETTLED * v)) break;
  }
  const order = values
    .map((_, k) => k)
    .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
  return {
    vectors: order.map((k) => vectors[k] ?? new Float64Array(n)),
    values: order.map((k) => values[k] ?? 0),
  };
}

function times(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = dot(matrix.subarray(i * n, (i + 1) * n), vector);
  return out;
}

/** Gram and Schmidt, in place; returns the lengths that were left, which go to the eigenvalues. */
function orthonormalise(vectors: readonly Float64Array[]): number[] {
  return vectors.map((vector, k) => {
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < k; other++) {
        const by = vectors[other];
        if (!by) continue;
        const along = dot(vector, by);
        for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (by[i] ?? 0);
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
    return length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
