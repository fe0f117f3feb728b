import type { AsyncBuffer, ColumnChunk, RowGroup } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';

/** A page that is larger than this when it is decompressed is none. */
const MAX_PAGE = 1 << 30;

/**
 * The column chunks of a row group, read and held, once their page headers are known to fit: a damaged
 * header can ask a reader for any number of values. Rejects where one does not fit.
 */
export async function checkedChunks(file: AsyncBuffer, group: RowGroup): Promise<AsyncBuffer> {
  const held = await Promise.all(group.columns.map((chunk) => chunkOf(file, chunk)));
  return {
    byteLength: file.byteLength,
    slice(start, end = file.byteLength) {
      const chunk = held.find(({ from, bytes }) => start >= from && end <= from + bytes.byteLength);
      return chunk
        ? chunk.bytes.slice(start - chunk.from, end - chunk.from)
        : file.slice(start, end);
    },
  };
}

async function chunkOf(file: AsyncBuffer, { meta_data: meta }: ColumnChunk) {
  if (!meta) throw new Error('a column has no place');
  const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const to = from + Number(meta.total_compressed_size);
  if (from < 4 || to < from || to > file.byteLength)
    throw new Error('a column lies outside the file');
  const bytes = await file.slice(from, to);
  checkPages(bytes, Number(meta.num_values));
  return { from, bytes };
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
