import type { Pages } from './pages';
import { varint, type RecordReader, type Value } from './record';

const DEPTH = 24;
/** A record that is larger is passed over. */
const MAX_RECORD = 64 << 20;

const INTERIOR_INDEX = 2;
const INTERIOR_TABLE = 5;
const LEAF_INDEX = 10;
const LEAF_TABLE = 13;

/** A row as it stands in the tree: its values, or why it has none. */
export interface TreeRow {
  /** Undefined in tables without it. */
  readonly rowid: number | bigint | undefined;
  readonly values: readonly Value[] | string;
  readonly bytes: number;
}

/** Which tree a page belongs to: a damaged pointer must not make another's rows this one's. */
export class PageOwners {
  private readonly owners: Uint8Array;
  constructor(pages: number) {
    this.owners = new Uint8Array(pages + 1);
  }

  take(page: number, tree: number): boolean {
    const mark = (tree % 255) + 1;
    if (this.owners[page] === 0) this.owners[page] = mark;
    return this.owners[page] === mark;
  }
}

interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly kind: number;
  /** Where the cells begin. */
  readonly cells: readonly number[];
  /** The rightmost child of an interior page. */
  readonly right: number;
}

/** A b-tree of a table (sqlite.org/fileformat2.html, 1.6), with or without rowids, read from end to end. */
export class Tree {
  constructor(
    private readonly pages: Pages,
    private readonly owners: PageOwners,
    private readonly root: number,
    private readonly id: number,
    /** Columns of a record at most. */
    private readonly most: number,
  ) {}

  /** The rows of a page at a time. A page that can not be read is one row that says so. */
  async *rows(reader: RecordReader): AsyncGenerator<readonly TreeRow[]> {
    for await (const page of this.walk()) {
      if (typeof page === 'string') {
        yield [{ rowid: undefined, values: page, bytes: 0 }];
        continue;
      }
      if (page.kind === INTERIOR_TABLE) continue;
      const rows: TreeRow[] = [];
      for (const cell of page.cells) rows.push(await this.row(page, cell, reader));
      yield rows;
    }
  }

  /** Rows without looking at them. */
  async count(): Promise<number> {
    let rows = 0;
    for await (const page of this.walk()) {
      if (typeof page !== 'string' && page.kind !== INTERIOR_TABLE) rows += page.cells.length;
    }
    return rows;
  }

  private async *walk(): AsyncGenerator<Page | string> {
    const seen = new Set<number>();
    const stack: { readonly page: number; readonly depth: number }[] = [
      { page: this.root, depth: 0 },
    ];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const page = seen.has(next.page) ? undefined : await this.page(next.page);
      seen.add(next.page);
      const lost = `page ${next.page} of the file`;
      if (page === undefined) yield `${lost} stands in the tree twice; what it should be is lost`;
      else if (typeof page === 'string')
        yield `${lost} can not be read, its rows are lost: ${page}`;
      else {
        yield page;
        if (page.kind === LEAF_TABLE || page.kind === LEAF_INDEX) continue;
        if (next.depth >= DEPTH) yield `${lost} lies deeper than any tree is; its rows are lost`;
        else this.children(page, next.depth + 1, stack);
      }
    }
  }

  private children(
    { cells, view, right }: Page,
    depth: number,
    stack: { readonly page: number; readonly depth: number }[],
  ): void {
    stack.push({ page: right, depth });
    // The first child comes off the stack first.
    for (let at = cells.length - 1; at >= 0; at--) {
      const cell = cells[at] ?? 0;
      if (cell + 4 <= view.byteLength) stack.push({ page: view.getUint32(cell), depth });
    }
  }

  private async page(number: number): Promise<Page | string> {
    let bytes: Uint8Array;
    try {
      bytes = await this.pages.page(number);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'Error') throw error;
      return error.message;
    }
    if (!this.owners.take(number, this.id)) return 'it belongs to another table';
    return pageOf(bytes, number === 1 ? 100 : 0);
  }

  private async row({ bytes, kind }: Page, cell: number, reader: RecordReader): Promise<TreeRow> {
    const size = varint(bytes, kind === INTERIOR_INDEX ? cell + 4 : cell);
    const id = size && kind === LEAF_TABLE ? varint(bytes, size.end) : undefined;
    const start = kind === LEAF_TABLE ? id?.end : size?.end;
    if (!size || start === undefined || typeof size.value !== 'number') {
      return { rowid: undefined, values: 'its cell is broken', bytes: 0 };
    }
    const payload = await this.payload(bytes, start, size.value, kind === LEAF_TABLE);
    const values = typeof payload === 'string' ? payload : reader.read(payload, this.most);
    return { rowid: id?.value, values, bytes: size.value };
  }

  /** A record whole: what does not fit its page goes on in a chain of others. */
  private async payload(
    bytes: Uint8Array,
    start: number,
    length: number,
    table: boolean,
  ): Promise<Uint8Array | string> {
    const { usable } = this.pages.header;
    const inline = inlineBytes(length, usable, table);
    if (start + inline > usable) return 'its cell is broken';
    if (inline === length) return bytes.subarray(start, start + length);
    if (length > this.pages.count * usable) return 'its cell is broken';
    if (length > MAX_RECORD) return `it has over ${MAX_RECORD >> 20} MiB`;
    if (start + inline + 4 > usable) return 'its cell is broken';
    const whole = new Uint8Array(length);
    whole.set(bytes.subarray(start, start + inline));
    let next = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start + inline);
    for (let at = inline; at < length;) {
      let more: Uint8Array;
      try {
        more = await this.pages.page(next);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'Error') throw error;
        return `what it goes on with is lost: ${error.message}`;
      }
      const part = more.subarray(4, Math.min(usable, 4 + length - at));
      whole.set(part, at);
      at += part.length;
      next = new DataView(more.buffer, more.byteOffset).getUint32(0);
    }
    return whole;
  }
}

/** Bytes of a record that stand in its page (sqlite.org/fileformat2.html, 1.6). */
function inlineBytes(length: number, usable: number, table: boolean): number {
  const most = table ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const rest = least + ((length - least) % (usable - 4));
  return rest <= most ? rest : least;
}

function pageOf(bytes: Uint8Array, header: number): Page | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(header);
  const leaf = kind === LEAF_TABLE || kind === LEAF_INDEX;
  if (!leaf && kind !== INTERIOR_TABLE && kind !== INTERIOR_INDEX) {
    return 'it is no page of a table';
  }
  const count = view.getUint16(header + 3);
  const from = header + (leaf ? 8 : 12);
  if (from + count * 2 > bytes.length) return 'it has more rows than fit';
  const cells = Array.from({ length: count }, (_, at) => view.getUint16(from + at * 2));
  // Two rows in one place would be one twice.
  if (new Set(cells).size < count || cells.some((cell) => cell < from + count * 2)) {
    return 'its rows overlap';
  }
  return { bytes, view, kind, cells, right: leaf ? 0 : view.getUint32(header + 8) };
}
