import { camelKeys, camelOf, isSnake } from './dialects';
import { detached, type JsonCursor } from './json-cursor';
import type { AttributeStage } from './stages';
import { doubleText, idOf, plainOf, plainText } from './values';

/** Reads the value types that spans and logs share at the cursor: ids, enumerations, AnyValue, KeyValue. */
export class JsonValues {
  private lastRaw = '';
  private lastId = '';

  constructor(private readonly cursor: JsonCursor) {}

  /** A severity as its number, or as its name in the protocol. */
  severity(): number {
    const raw = this.cursor.numeral();
    if (/^\d+$/.test(raw)) return Number(raw) <= 24 ? Number(raw) : 0;
    const match = /^SEVERITY_NUMBER_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)([234]?)$/.exec(raw);
    if (!match) return 0;
    const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
    return levels.indexOf(match[1]!) * 4 + Number(match[2] || 1);
  }

  /** An id in lower-case hexadecimal; spans of one trace follow each other, so the last is remembered. */
  id(digits: 32 | 16): string | undefined {
    const { cursor } = this;
    if (digits === 16) return cursor.hexId(16) ?? (cursor.nil() ? '' : idOf(cursor.numeral(), 16));
    if (
      this.lastRaw !== '' &&
      cursor.peek() === 34 &&
      cursor.text.charCodeAt(cursor.pos + 1 + this.lastRaw.length) === 34 &&
      cursor.text.startsWith(this.lastRaw, cursor.pos + 1)
    ) {
      cursor.pos += this.lastRaw.length + 2;
      return this.lastId;
    }
    if (cursor.nil()) return '';
    const raw = cursor.numeral();
    const id = idOf(raw, 32);
    if (id !== undefined && id !== '') {
      this.lastRaw = detached(raw);
      this.lastId = raw === id ? this.lastRaw : id;
      return this.lastId;
    }
    return id;
  }

  /** Enumerations whose value is not known; they were taken for 0. */
  unknown = 0;

  /** An enumeration as its number, or as its name as some senders write it. */
  enumeration(prefix: string, names: readonly string[]): number {
    const raw = this.cursor.numeral();
    const value = Number(raw);
    if (value >= 0 && value < names.length && Number.isInteger(value)) return value;
    if (raw === 'null') return 0;
    const name = raw.toUpperCase();
    const at = names.indexOf(name.startsWith(prefix) ? name.slice(prefix.length) : name);
    if (at < 0) this.unknown++;
    return Math.max(0, at);
  }

  /** A list of KeyValue into the stage. */
  attributes(stage: AttributeStage): void {
    const { cursor } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) {
      let name = cursor.between('{"key":"', '","value":{"') ?? '';
      if (name !== '') {
        this.restOfAttribute(name, stage);
        continue;
      }
      let value = '';
      for (let key = cursor.open(); key !== null; key = cursor.next()) {
        if (key === 'key') name = cursor.string();
        else if (key === 'value') value = this.anyText();
        else cursor.skip();
      }
      stage.put(name, value);
    }
  }

  /** After `{"key":"…","value":{"`, the way all senders write it. */
  private restOfAttribute(name: string, stage: AttributeStage): void {
    const { cursor } = this;
    const short = cursor.between('stringValue":"', '"}}');
    if (short !== undefined) {
      stage.put(name, short);
      return;
    }
    cursor.pos--;
    let value = this.anyFrom(cursor.firstKey());
    for (let key = cursor.next(); key !== null; key = cursor.next()) {
      if (key === 'value') value = this.anyText();
      else cursor.skip();
    }
    stage.put(name, value);
  }

  /** An AnyValue as text: what is not a string as JSON. */
  anyText(): string {
    return this.anyFrom(this.cursor.open());
  }

  /** From this key on, or of it alone: a key in snake case is read as the one it stands for. */
  private anyFrom(first: string | null, one = false): string {
    const { cursor } = this;
    let text = '';
    for (let key = first; key !== null; key = one ? null : cursor.next()) {
      switch (key) {
        case 'stringValue':
        case 'bytesValue':
          text = cursor.string();
          break;
        case 'intValue':
        case 'boolValue':
          text = cursor.numeral();
          break;
        case 'doubleValue': {
          const raw = cursor.numeral();
          const value = Number(raw);
          text = Number.isNaN(value) ? raw : doubleText(value);
          break;
        }
        case 'arrayValue':
        case 'kvlistValue': {
          const from = cursor.skip();
          text = plainText(plainOf({ [key]: this.parsed(from) }));
          break;
        }
        default:
          if (isSnake(key)) text = this.anyFrom(camelOf(key), true);
          else cursor.skip();
      }
    }
    return text;
  }

  private parsed(from: number): unknown {
    const { cursor } = this;
    const text = cursor.text.slice(from, cursor.pos);
    try {
      const value: unknown = JSON.parse(text);
      return text.includes('_value"') ? camelKeys(value) : value;
    } catch {
      throw cursor.error('a nested value was expected');
    }
  }
}
