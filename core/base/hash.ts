/**
 * A 64-bit content hash of a text as a signed bigint: two independent 32-bit multiplicative hashes
 * (cyrb53's construction by bryc, with all 64 bits kept). For identity of resources and series inside
 * one case; not cryptographic.
 */
export function hash64(text: string): bigint {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ ch, 2654435761);
    h2 = Math.imul(h2 ^ ch, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return BigInt.asIntN(64, (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0));
}

/** hash64 as 16 lower-case hexadecimal digits. */
export function hashHex(text: string): string {
  return BigInt.asUintN(64, hash64(text)).toString(16).padStart(16, '0');
}
