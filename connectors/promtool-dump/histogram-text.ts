import { parseGoFloat, type NativeBucket, type NativePoint } from '../../core/connect';

/** `{count:7, sum:20.5, [-1,-0.7):1, [-0.001,0.001]:2, (0.5,1]:4}` as Go's Histogram.String writes it. */
export function parseHistogram(text: string): NativePoint | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  let count: number | undefined;
  let sum: number | undefined;
  const buckets: NativeBucket[] = [];
  for (const part of text.slice(1, -1).split(', ')) {
    const colon = part.lastIndexOf(':');
    const value = colon < 0 ? undefined : parseGoFloat(part.slice(colon + 1));
    const key = part.slice(0, Math.max(0, colon));
    if (value === undefined) return undefined;
    if (key === 'count') count = value;
    else if (key === 'sum') sum = value;
    else {
      const [lower, upper] = key.slice(1, -1).split(',').map(parseGoFloat);
      const fits = /^[[(]/.test(key) && /[\])]$/.test(key);
      if (!fits || lower === undefined || upper === undefined) return undefined;
      buckets.push([lower, upper, value]);
    }
  }
  return count === undefined || sum === undefined ? undefined : { count, sum, buckets };
}
