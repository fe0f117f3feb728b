const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const ZERO = 48;

/** A document may open this many brackets around what is looked for. */
const DEPTH = 64;
/** What stands beside the lists is kept up to this many bytes. */
const REST = 16 << 20;
const KEY = 4096;

export interface ScannedElement {
  /** The list that it stands in: 'data.result', '' for a list that is the document. */
  readonly path: string;
  /** Its number in that list, from 0; for a list within a list, in the innermost. */
  readonly index: number;
  /** Number of the document in the file, from 0. */
  readonly document: number;
  /** Its bytes; undefined where it was larger than the limit. */
  readonly bytes: Uint8Array | undefined;
  readonly length: number;
  /** False where the file ended within it. */
  readonly whole: boolean;
}

export interface ScanEvents {
  element(element: ScannedElement): void;
  /**
   * A document ended: what stood beside the listed elements, as JSON; undefined where that was too long. Where
   * the file ended within the document, `whole` is false and the JSON breaks off.
   */
  rest(json: Uint8Array | undefined, document: number, whole: boolean): void;
  /**
   * A listed list begins: the object that it is a member of, as far as it goes. Where this is asked for, items
   * of lists are kept in the rest only while they are open (0 stands for each), so that it stays small.
   */
  list?(enclosing: Uint8Array | undefined, path: string, document: number): void;
}

interface Frame {
  readonly list: boolean;
  readonly wanted: boolean;
  readonly path: string;
  key: string;
  index: number;
  /** Where it begins in the rest. */
  readonly from: number;
}

/**
 * Finds the elements of lists in JSON bytes that come in pieces, one element in memory at a time. Lists are
 * named by their path ('data.result'; '*' stands for any key or place). Lenient about what stands between;
 * `fault` says where brackets stopped fitting, and nothing is found after it.
 */
export class JsonScanner {
  fault: { readonly at: number; readonly reason: string } | undefined;
  private readonly frames: Frame[] = [];
  private offset = 0;
  private document = 0;
  private inString = false;
  private escaped = false;
  private key: number[] = [];
  private keyCut = false;
  private readonly captured = new Bytes();
  private depth = -1;
  private captureLength = 0;
  private readonly restBytes = new Bytes();
  private restFull = false;

  constructor(
    private readonly paths: readonly (readonly string[])[],
    private readonly events: ScanEvents,
    private readonly maxElement: number,
  ) {}

  /** True inside a document or an element. */
  get open(): boolean {
    return this.frames.length > 0 || this.depth >= 0;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.fault) {
      at = this.depth >= 0 ? this.capture(chunk, at) : this.structure(chunk, at);
    }
    this.offset += chunk.length;
  }

  end(): void {
    if (this.depth >= 0) this.finish(false);
    if (this.frames.length === 0) return;
    this.frames.length = 0;
    this.endDocument(false);
  }

  /** Takes bytes of an element; returns where to go on. */
  private capture(chunk: Uint8Array, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) {
          this.inString = false;
          if (this.depth === 0) return this.close(chunk, from, at + 1);
        }
      } else if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.depth++;
      else if (byte === COMMA && this.depth === 0) return this.close(chunk, from, at);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (this.depth === 0) return this.close(chunk, from, at);
        if (--this.depth === 0) return this.close(chunk, from, at + 1);
      }
    }
    this.keep(chunk.subarray(from, at));
    return at;
  }

  private close(chunk: Uint8Array, from: number, to: number): number {
    this.keep(chunk.subarray(from, to));
    this.finish(true);
    return to;
  }

  private keep(bytes: Uint8Array): void {
    this.captureLength += bytes.length;
    if (this.captureLength <= this.maxElement) this.captured.add(bytes);
    else this.captured.clear();
  }

  private finish(whole: boolean): void {
    const frame = this.frames[this.frames.length - 1];
    if (!frame) return;
    const fits = this.captureLength <= this.maxElement;
    this.events.element({
      path: frame.path,
      index: frame.index,
      document: this.document,
      bytes: fits ? this.captured.take() : undefined,
      length: this.captureLength,
      whole,
    });
    this.depth = -1;
    this.captureLength = 0;
    this.inString = this.escaped = false;
  }

  /** Goes through what stands around the elements; returns where to go on. */
  private structure(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.inString) {
        this.text(byte);
        continue;
      }
      if (byte <= 32) continue;
      const top = this.frames[this.frames.length - 1];
      if (top?.wanted && byte !== COMMA && byte !== CLOSE_BRACKET && byte !== CLOSE_BRACE) {
        this.depth = 0;
        return at;
      }
      if (!this.mark(byte, top, at)) return chunk.length;
    }
    return chunk.length;
  }

  private text(byte: number): void {
    this.remember(byte);
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) {
      this.inString = false;
      return;
    }
    if (this.key.length < KEY) this.key.push(byte);
    else this.keyCut = true;
  }

  /** One byte of structure; false where it does not fit. */
  private mark(byte: number, top: Frame | undefined, at: number): boolean {
    if (byte === COMMA && top?.wanted) {
      top.index++;
      return true;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (this.frames.length >= DEPTH) return this.fail(at, 'it is nested too deeply');
      this.enter(byte === OPEN_BRACKET);
      this.remember(byte);
      return true;
    }
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (!top || top.list !== (byte === CLOSE_BRACKET)) {
        return this.fail(at, `"${String.fromCharCode(byte)}" closes nothing`);
      }
      this.frames.pop();
      this.remember(byte);
      this.forget(top);
      if (this.frames.length === 0) this.endDocument(true);
      return true;
    }
    if (!top) return this.fail(at, 'this stands outside of any object or list');
    this.remember(byte);
    if (byte === QUOTE) {
      this.inString = true;
      this.key = [];
      this.keyCut = false;
    } else if (byte === COLON) top.key = this.keyText();
    else if (byte === COMMA) top.index++;
    return true;
  }

  private keyText(): string {
    return this.keyCut ? '' : new TextDecoder().decode(new Uint8Array(this.key));
  }

  private enter(list: boolean): void {
    const place = this.frames
      .slice(0)
      .map((frame) => (frame.list ? String(frame.index) : frame.key));
    const wanted =
      list &&
      this.paths.some(
        (path) =>
          path.length === place.length && path.every((key, i) => key === '*' || key === place[i]),
      );
    const path = wanted ? pathOf(place) : '';
    if (wanted && this.events.list) {
      const around = this.frames[this.frames.length - 1];
      const known = around && !this.restFull;
      this.events.list(known ? this.restBytes.from(around.from) : undefined, path, this.document);
    }
    const from = this.restBytes.length;
    this.frames.push({ list, wanted, path, key: '', index: 0, from });
  }

  /** An item of a list that has ended is no longer kept, where lists are told with what is around them. */
  private forget(ended: Frame): void {
    const around = this.frames[this.frames.length - 1];
    if (!this.events.list || this.restFull || !around?.list) return;
    this.restBytes.cut(ended.from);
    this.restBytes.addByte(ZERO);
  }

  private remember(byte: number): void {
    if (this.restFull) return;
    if (this.restBytes.length >= REST) this.restFull = true;
    else this.restBytes.addByte(byte);
  }

  private endDocument(whole: boolean): void {
    const json = this.restFull ? undefined : this.restBytes.take();
    this.restBytes.clear();
    this.restFull = false;
    this.inString = this.escaped = false;
    this.events.rest(json, this.document++, whole);
  }

  private fail(at: number, reason: string): false {
    this.fault = { at: this.offset + at, reason };
    return false;
  }
}

/** 'data.3.spans' as people write it: data[3].spans. */
function pathOf(place: readonly string[]): string {
  return place.reduce(
    (path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
    '',
  );
}

class Bytes {
  length = 0;
  private array = new Uint8Array(4096);

  add(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.array.set(bytes, this.length);
    this.length += bytes.length;
  }

  addByte(byte: number): void {
    this.room(1);
    this.array[this.length++] = byte;
  }

  take(): Uint8Array {
    const out = this.array.slice(0, this.length);
    this.length = 0;
    return out;
  }

  from(at: number): Uint8Array {
    return this.array.slice(at, this.length);
  }

  cut(at: number): void {
    this.length = at;
  }

  clear(): void {
    this.length = 0;
    if (this.array.length > 1 << 20) this.array = new Uint8Array(4096);
  }

  private room(more: number): void {
    if (this.length + more <= this.array.length) return;
    const bigger = new Uint8Array(Math.max(this.array.length * 2, this.length + more));
    bigger.set(this.array.subarray(0, this.length));
    this.array = bigger;
  }
}
