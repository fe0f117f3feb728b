/**
 * The trace that a text alone names, as 32 digits of lower-case hexadecimal: 32 or 16 hex digits, W3C's
 * `traceparent`, a UUID, or 16 or 8 bytes in base64 as OTLP's JSON of some programs has them. Undefined for any
 * other text.
 */
export function traceIdIn(text: string): string | undefined {
  const typed = text.trim();
  const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i.exec(typed)?.[1];
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(typed);
  const bare = uuid ? typed.replaceAll('-', '') : typed;
  const hex = traceparent ?? (/^([0-9a-f]{32}|[0-9a-f]{16})$/i.test(bare) ? bare : ofBase64(typed));
  const id = hex?.toLowerCase().padStart(32, '0');
  return id !== undefined && /[^0]/.test(id) ? id : undefined;
}

/**
 * The traces that a text of nothing but ids names, each once, as `traceIdIn` reads them; also 17 to 31 hex digits, from
 * which zeros at the front were left out. Commas or blanks stand between them. Undefined where a piece is no id.
 */
export function traceIdsIn(text: string): readonly string[] | undefined {
  const ids = new Set<string>();
  for (const piece of text.split(/[\s,;]+/).filter(Boolean)) {
    const id = traceIdIn(/^[0-9a-f]{17,31}$/i.test(piece) ? piece.padStart(32, '0') : piece);
    if (id === undefined) return undefined;
    ids.add(id);
  }
  return ids.size > 0 ? [...ids] : undefined;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** With its padding: without it, it could be any word. */
function ofBase64(text: string): string | undefined {
  const digits = /^([A-Za-z0-9+/]{22})==$|^([A-Za-z0-9+/]{11})=$/.exec(text);
  const found = digits?.[1] ?? digits?.[2];
  if (found === undefined) return undefined;
  let bits = 0n;
  for (const digit of found) bits = bits * 64n + BigInt(DIGITS.indexOf(digit));
  const bytes = Math.floor((found.length * 6) / 8);
  return (bits >> BigInt(found.length * 6 - bytes * 8)).toString(16).padStart(bytes * 2, '0');
}
