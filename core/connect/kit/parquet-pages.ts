import type { AsyncBuffer, ColumnChunk } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/** A page that is larger than this when it is decompressed is none. */
const MAX_PAGE = 1 << 30;

/** Chunks with at most this between them are read at once; the reader itself joins such. */
const GAP = 8 << 10;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * These column chunks of a row group, read and held, once their page headers are known to fit: a damaged
 * header can ask a reader for any number of values. Neighbours are read at once. Rejects where one does not fit.
 */
export async function checkedChunks(
  file: AsyncBuffer,
  chunks: readonly ColumnChunk[],
): Promise<AsyncBuffer> {
  const places = chunks.map((chunk) => placeOf(file, chunk));
  const held: (Span & { bytes: ArrayBuffer })[] = [];
  for (const span of joinedSpans(places)) {
    held.push({ ...span, bytes: await file.slice(span.from, span.to) });
  }
  const slice = (start: number, end: number): ArrayBuffer | undefined => {
    const span = held.find(({ from, to }) => start >= from && end <= to);
    return span?.bytes.slice(start - span.from, end - span.from);
  };
  for (const { from, to, values } of places) {
    const bytes = slice(from, to);
    if (!bytes || bytes.byteLength < to - from) throw new Error('a column is cut');
    checkPages(bytes, values);
  }
  return {
    byteLength: file.byteLength,
    slice: (start, end = file.byteLength) => slice(start, end) ?? file.slice(start, end),
  };
}

function joinedSpans(places: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const { from, to } of [...places].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (!last || from - last.to > GAP) out.push({ from, to });
    else if (to > last.to) out[out.length - 1] = { from: last.from, to };
  }
  return out;
}

function placeOf(file: AsyncBuffer, { meta_data: meta }: ColumnChunk): Span & { values: number } {
  if (!meta) throw new Error('a column has no place');
  const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const to = from + Number(meta.total_compressed_size);
  if (from < 4 || to < from || to > file.byteLength)
    throw new Error('a column lies outside the file');
  return { from, to, values: Number(meta.num_values) };
}

function checkPages(bytes: ArrayBuffer, values: number): void {
  const reader = { view: new DataView(bytes), offset: 0 };
  let seen = 0;
  while (reader.offset < bytes.byteLength - 1) {
    const page = parquetHeader(reader);
    const size = page.compressed_page_size;
    const fits = size >= 0 && reader.offset + size <= bytes.byteLength;
    if (!fits || !(page.uncompressed_page_size >= 0 && page.uncompressed_page_size <= MAX_PAGE)) {
      throw new Error('a page does not fit its column');
    }
    const data = page.data_page_header ?? page.data_page_header_v2;
    const held = data?.num_values ?? page.dictionary_page_header?.num_values ?? 0;
    if (data) seen += held;
    if (held < 0 || held > values || seen > values) {
      throw new Error('a page has more values than its column');
    }
    reader.offset += size;
  }
}
