import type { AttributeStage } from './stages';
import { base64Of, doubleText, plainInteger, plainText } from './values';
import type { WireReader } from '../../core/connect';

const DEPTH_MAX = 32;

/** Reads one KeyValue (key = 1, value = 2) into a stage. */
export function putAttribute(reader: WireReader, stage: AttributeStage): void {
  const outer = reader.enter();
  let key = '';
  let value = '';
  while (reader.field()) {
    if (reader.number === 1) key = reader.string();
    else if (reader.number === 2) value = plainText(readAny(reader, true));
    else reader.skip();
  }
  reader.leave(outer);
  stage.put(key, value);
}

/**
 * Reads an AnyValue. `asText` gives scalars as attribute text at once; nested values are plain JSON, where
 * an integer beyond 2^53 is its digits and bytes are base64.
 */
export function readAny(reader: WireReader, asText: boolean, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw reader.damaged('values are nested too deep');
  const outer = reader.enter();
  let value: unknown = asText ? '' : null;
  while (reader.field()) {
    switch (reader.number) {
      case 1:
        value = reader.string();
        break;
      case 2: {
        const flag = reader.bool();
        value = asText ? String(flag) : flag;
        break;
      }
      case 3: {
        const digits = String(reader.int64());
        value = asText ? digits : plainInteger(digits);
        break;
      }
      case 4: {
        const number = reader.double();
        value = asText || !Number.isFinite(number) ? doubleText(number) : number;
        break;
      }
      case 5:
        value = readArray(reader, depth + 1);
        break;
      case 6:
        value = readMap(reader, depth + 1);
        break;
      case 7:
        value = base64Of(reader.slice());
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return value;
}

function readArray(reader: WireReader, depth: number): unknown {
  const values: unknown[] = [];
  const outer = reader.enter();
  while (reader.field()) {
    if (reader.number === 1) values.push(readAny(reader, false, depth));
    else reader.skip();
  }
  reader.leave(outer);
  return values;
}

function readMap(reader: WireReader, depth: number): unknown {
  const entries: [string, unknown][] = [];
  const outer = reader.enter();
  while (reader.field()) {
    if (reader.number !== 1) {
      reader.skip();
      continue;
    }
    const inner = reader.enter();
    let key = '';
    let value: unknown = null;
    while (reader.field()) {
      if (reader.number === 1) key = reader.string();
      else if (reader.number === 2) value = readAny(reader, false, depth);
      else reader.skip();
    }
    reader.leave(inner);
    entries.push([key, value]);
  }
  reader.leave(outer);
  return Object.fromEntries(entries);
}
