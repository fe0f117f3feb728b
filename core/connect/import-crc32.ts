const CRC = (() => {
  const table = new Int32Array(1024);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  for (let n = 256; n < 1024; n++) {
    const c = table[n - 256]!;
    table[n] = table[c & 255]! ^ (c >>> 8);
  }
  return table;
})();

/** Goes on with the CRC-32 of gzip (RFC 1952 §8) over bytes[from, to): begin with -1, complement the result. */
export function crc32(crc: number, bytes: Uint8Array, from: number, to: number): number {
  let c = crc;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c =
      CRC[768 + (c & 255)]! ^
      CRC[512 + ((c >>> 8) & 255)]! ^
      CRC[256 + ((c >>> 16) & 255)]! ^
      CRC[c >>> 24]!;
  }
  for (; i < to; i++) c = CRC[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return c;
}
