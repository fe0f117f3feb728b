/** Measures of TCPDBench (van den Burg & Williams, arXiv:2003.06222). A change point is the first row of what is new. */

/** Segments as [first, end) of `length` rows cut at the change points. */
function segmentsBetween(cuts: readonly number[], length: number): (readonly [number, number])[] {
  const inside = [...new Set(cuts)].filter((at) => at > 0 && at < length).sort((a, b) => a - b);
  const edges = [0, ...inside, length];
  return edges.slice(1).map((end, i) => [edges[i] ?? 0, end] as const);
}

/** Share of overlap in union of two segments. */
function jaccard([a, b]: readonly [number, number], [c, d]: readonly [number, number]): number {
  const both = Math.max(0, Math.min(b, d) - Math.max(a, c));
  return both / (b - a + (d - c) - both);
}

/** How well the best found segment covers each marked one, weighed by length, mean over the annotators. */
export function covering(
  annotations: readonly (readonly number[])[],
  found: readonly number[],
  length: number,
): number {
  const ours = segmentsBetween(found, length);
  const each = annotations.map((marks) => {
    let sum = 0;
    for (const segment of segmentsBetween(marks, length))
      sum += (segment[1] - segment[0]) * Math.max(...ours.map((one) => jaccard(segment, one)));
    return sum / length;
  });
  return mean(each);
}

/** Marks with a found point within the margin; every found point serves once, the nearest first. */
function matched(marks: ReadonlySet<number>, found: ReadonlySet<number>, margin: number): number {
  const left = new Set(found);
  let count = 0;
  for (const mark of [...marks].sort((a, b) => a - b)) {
    let nearest: number | undefined;
    for (const at of left) {
      const away = Math.abs(at - mark);
      if (away > margin) continue;
      const held = nearest === undefined ? Infinity : Math.abs(nearest - mark);
      if (away < held || (away === held && at < (nearest ?? at))) nearest = at;
    }
    if (nearest === undefined) continue;
    count++;
    left.delete(nearest);
  }
  return count;
}

/** F1 with a margin: precision against all annotators together, recall averaged over them; row 0 is always a change point. */
export function changePointF1(
  annotations: readonly (readonly number[])[],
  found: readonly number[],
  margin = 5,
): number {
  const ours = new Set([0, ...found]);
  const marks = annotations.map((one) => new Set([0, ...one]));
  const all = new Set(marks.flatMap((one) => [...one]));
  const precision = matched(all, ours, margin) / ours.size;
  const recall = mean(marks.map((one) => matched(one, ours, margin) / one.size));
  return (2 * precision * recall) / (precision + recall);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
