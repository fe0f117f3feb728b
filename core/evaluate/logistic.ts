/** A logistic regression on features as they are: P(true) = 1 / (1 + exp(−(intercept + weights · x))). */
export interface Logistic {
  readonly intercept: number;
  readonly weights: readonly number[];
}

export interface Example {
  readonly x: readonly number[];
  readonly y: boolean;
}

const STEPS = 50;

/**
 * Ridge-penalised maximum likelihood by Newton's method (le Cessie & van Houwelingen 1992) on standardised
 * features; the intercept bears no penalty. A feature that never varies gets no weight.
 */
export function fitLogistic(examples: readonly Example[], ridge = 1): Logistic {
  const width = examples[0]?.x.length ?? 0;
  const n = examples.length;
  const column = (j: number): number[] => examples.map(({ x }) => x[j] ?? 0);
  const means = Array.from({ length: width }, (_, j) => sum(column(j)) / n);
  const spreads = means.map((m, j) => Math.sqrt(sum(column(j).map((v) => (v - m) ** 2)) / n));
  const rows = examples.map(({ x }) => [
    1,
    ...means.map((m, j) => {
      const spread = spreads[j] ?? 0;
      return spread > 1e-9 ? ((x[j] ?? 0) - m) / spread : 0;
    }),
  ]);
  let beta: number[] = Array.from({ length: width + 1 }, () => 0);
  for (let step = 0; step < STEPS; step++) {
    const change = newtonStep(rows, examples, beta, ridge);
    beta = beta.map((b, j) => b + (change[j] ?? 0));
    if (Math.max(...change.map(Math.abs)) < 1e-9) break;
  }
  const weights = means.map((_, j) => {
    const spread = spreads[j] ?? 0;
    return spread > 1e-9 ? (beta[j + 1] ?? 0) / spread : 0;
  });
  const offset = sum(weights.map((w, j) => w * (means[j] ?? 0)));
  return { intercept: (beta[0] ?? 0) - offset, weights };
}

export function probabilityOf({ intercept, weights }: Logistic, x: readonly number[]): number {
  return logistic(intercept + sum(weights.map((w, j) => w * (x[j] ?? 0))));
}

const logistic = (t: number): number => 1 / (1 + Math.exp(-t));

const sum = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0);

function newtonStep(
  rows: readonly (readonly number[])[],
  examples: readonly Example[],
  beta: readonly number[],
  ridge: number,
): readonly number[] {
  const size = beta.length;
  const gradient = beta.map((b, j) => (j === 0 ? 0 : -ridge * b));
  const hessian = beta.map((_, j) => beta.map((__, k) => (j === k ? (j === 0 ? 1e-9 : ridge) : 0)));
  for (const [i, row] of rows.entries()) {
    const p = logistic(sum(row.map((v, j) => v * (beta[j] ?? 0))));
    const residual = Number(examples[i]?.y ?? false) - p;
    const weight = Math.max(1e-9, p * (1 - p));
    for (let j = 0; j < size; j++) {
      const vj = row[j] ?? 0;
      gradient[j] = (gradient[j] ?? 0) + residual * vj;
      const line = hessian[j];
      if (line)
        for (let k = 0; k < size; k++) line[k] = (line[k] ?? 0) + weight * vj * (row[k] ?? 0);
    }
  }
  return solve(hessian, gradient);
}

/** Gaussian elimination with pivots; the matrix is used up. */
function solve(matrix: number[][], right: number[]): readonly number[] {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) {
      if (Math.abs(matrix[r]?.[i] ?? 0) > Math.abs(matrix[pivot]?.[i] ?? 0)) pivot = r;
    }
    const [a, b] = [matrix[i], matrix[pivot]];
    if (!a || !b) break;
    [matrix[i], matrix[pivot]] = [b, a];
    [right[i], right[pivot]] = [right[pivot] ?? 0, right[i] ?? 0];
    for (let r = i + 1; r < n; r++) {
      const line = matrix[r];
      if (!line) continue;
      const factor = (line[i] ?? 0) / (b[i] || 1e-12);
      for (let c = i; c < n; c++) line[c] = (line[c] ?? 0) - factor * (b[c] ?? 0);
      right[r] = (right[r] ?? 0) - factor * (right[i] ?? 0);
    }
  }
  const x = Array.from({ length: n }, () => 0);
  for (let i = n - 1; i >= 0; i--) {
    const line = matrix[i] ?? [];
    let rest = right[i] ?? 0;
    for (let c = i + 1; c < n; c++) rest -= (line[c] ?? 0) * (x[c] ?? 0);
    x[i] = rest / (line[i] || 1e-12);
  }
  return x;
}
