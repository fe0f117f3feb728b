/** Deeper than this nothing is looked at: a head of opening brackets must not overflow the stack. */
const DEPTH = 64;

class Cut extends Error {}

/**
 * Parses the first JSON value of a text that may end anywhere (or go on after it): what is open at the end
 * is closed. For sniffing only. Undefined where the text does not begin with an object or a list.
 */
export function partialJson(text: string): unknown {
  const reader = new PartialReader(text.replace(/^\uFEFF/, ''));
  return reader.start();
}

class PartialReader {
  private pos = 0;
  constructor(private readonly text: string) {}

  start(): unknown {
    this.space();
    const open = this.text[this.pos];
    if (open !== '{' && open !== '[') return undefined;
    return this.container(0);
  }

  private space(): void {
    while (this.pos < this.text.length && this.text.charCodeAt(this.pos) <= 32) this.pos++;
  }

  /** An object or a list; a fault or the end inside it ends it, with what it has. */
  private container(depth: number): unknown {
    const list: unknown[] = [];
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const isList = this.text[this.pos++] === '[';
    try {
      if (depth >= DEPTH) throw new Cut();
      for (let first = true; ; first = false) {
        this.space();
        const next = this.text[this.pos];
        if (next === (isList ? ']' : '}')) {
          this.pos++;
          break;
        }
        if (!first) this.expect(',');
        this.space();
        if (isList) this.value(depth, (value) => list.push(value));
        else this.member(depth, object);
      }
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      this.pos = this.text.length;
    }
    return isList ? list : { ...object };
  }

  private member(depth: number, object: Record<string, unknown>): void {
    const key = this.string();
    this.space();
    this.expect(':');
    this.space();
    this.value(depth, (value) => (object[key] = value));
  }

  private value(depth: number, put: (value: unknown) => void): void {
    const code = this.text[this.pos];
    if (code === '{' || code === '[') {
      put(this.container(depth + 1));
      if (this.pos >= this.text.length) throw new Cut();
      return;
    }
    put(code === '"' ? this.string() : this.word());
  }

  private string(): string {
    if (this.text[this.pos] !== '"') throw new Cut();
    let end = this.pos + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) throw new Cut();
    const quoted = this.text.slice(this.pos, end + 1);
    this.pos = end + 1;
    return parsed(quoted) as string;
  }

  private word(): unknown {
    const from = this.pos;
    while (this.pos < this.text.length && /[-+.\w]/.test(this.text[this.pos] ?? '')) this.pos++;
    if (this.pos === from || this.pos >= this.text.length) throw new Cut();
    return parsed(this.text.slice(from, this.pos));
  }

  private expect(mark: string): void {
    if (this.text[this.pos] !== mark) throw new Cut();
    this.pos++;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Cut();
  }
}
