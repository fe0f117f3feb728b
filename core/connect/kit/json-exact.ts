import { isJsonObject, type JsonObject } from '../import-json';

/** Integers that a double can't hold. */
const SUSPECT = /[:[,]\s*-?(?:\d{17,}|9\d{15})\s*[,\]}]/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with integers beyond 2^53 kept as texts, so that none is rounded: ids and times in nanoseconds. */
export function parseExact(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  const quoted = text.replace(TOKEN, (token) => {
    if (token.length < 16 || token.startsWith('"') || !/^-?\d+$/.test(token)) return token;
    return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
  });
  return JSON.parse(quoted);
}

/** The object that a text is, as loggers write them on a line; undefined where it is none. */
export function objectIn(text: string): JsonObject | undefined {
  const whole = text.trim();
  if (!whole.startsWith('{') || !whole.endsWith('}')) return undefined;
  try {
    const value = parseExact(whole);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
