/** JSON that keeps bigint and Float32Array; for results that are stored whole. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return { $n: String(v) };
    if (v instanceof Float32Array) return { $f: [...v] };
    return typeof v === 'number' && !Number.isFinite(v) ? { $x: String(v) } : v;
  });
}

export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_, v: unknown) => {
    if (typeof v !== 'object' || v === null) return v;
    if ('$n' in v && typeof v.$n === 'string') return BigInt(v.$n);
    if ('$f' in v && Array.isArray(v.$f)) return Float32Array.from(v.$f as number[]);
    if ('$x' in v && typeof v.$x === 'string') return Number(v.$x);
    return v;
  });
}
