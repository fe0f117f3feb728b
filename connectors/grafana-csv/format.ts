import {
  RowSink,
  TimeReader,
  csvRecords,
  headCsv,
  readRecords,
  unitOfName,
  type ByteSource,
  type CsvHead,
  type Delimiter,
  type FileFormat,
  type FormatItem,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import { isEmptyCell, layoutOf, namedBy, type Layout } from './columns';
import { measured } from './values';

/**
 * CSV of a Grafana panel: a column for each series ("Series joined by time"), a row for each value ("Series as
 * rows" of older versions, long format), with or without `sep=;` in front.
 */
export const grafanaCsv: FileFormat = {
  id: 'grafana-csv',
  title: 'Grafana panel, CSV',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 'text',
    zone: 'unknown',
    clock: 'the data source, shown in the zone of the dashboard',
    guessed: true,
  }),
  read,
};

const SEP = /^\uFEFF?"?sep=([,;\t|])"?\r?\n/;

interface Found {
  readonly table: CsvHead;
  readonly hasSep: boolean;
  readonly layout: Layout;
}

/** The table of a head, if it is one that Grafana wrote: a column Time, and the others numbers or labels. */
function tableOf(head: Head): Found | undefined {
  const sep = SEP.exec(head.text);
  const text = sep ? head.text.slice(sep[0].length) : head.text;
  const table = headCsv({ name: head.name, bytes: head.bytes, text });
  if (!table || (sep && sep[1] !== table.delimiter)) return undefined;
  const layout = layoutOf(table.header, table.rows);
  return layout && { table, hasSep: sep !== null, layout };
}

function sniff(head: Head): { confidence: number; why: string } {
  const found = tableOf(head);
  if (!found) return { confidence: 0, why: '' };
  const { table, hasSep, layout } = found;
  const { header } = table;
  const time = header[layout.time] ?? '';
  const sets = header.filter((name) => /^[\w:.]*\{.*=.*\}$/.test(name)).length;
  if (time === 'Time' && sets > 0) {
    return { confidence: 0.95, why: 'A table with "Time" and a column for each series.' };
  }
  if (time === 'Time' && (hasSep || layout.series >= 0)) {
    return { confidence: 0.92, why: 'A table with "Time" and series, as Grafana exports.' };
  }
  if (time !== 'Time' || layout.time > 1) return { confidence: 0, why: '' };
  const why = 'A table with "Time" and columns of numbers, as Grafana exports.';
  return { confidence: layout.labels.length === 0 ? 0.7 : 0.2, why };
}

/** Rows that are looked at before the columns are told apart. */
const LOOKED_AT = 200;

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  choices: ReadChoices = {},
): AsyncGenerator<FormatItem> {
  const { delimiter, hasSep } = await dialectOf(source);
  const reader = new Reader(choices, hasSep);
  yield* readRecords(csvRecords(source, signal, delimiter), {
    sink: reader.sink,
    signal: 'samples',
    add: (fields, where) => reader.add(fields, where),
    end: () => reader.end(),
  });
}

async function dialectOf(
  source: ByteSource,
): Promise<{ readonly delimiter: Delimiter; readonly hasSep: boolean }> {
  const stream = source.stream().getReader();
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  let length = 0;
  try {
    while (length < 16_384) {
      const { done, value } = await stream.read();
      if (done) break;
      pieces.push(decoder.decode(value, { stream: true }));
      length += value.length;
    }
  } finally {
    await stream.cancel().catch(() => undefined);
  }
  const text = pieces.join('');
  const head = { name: source.name, bytes: new TextEncoder().encode(text), text };
  const found = tableOf(head);
  return { delimiter: found?.table.delimiter ?? ',', hasSep: found?.hasSep ?? SEP.test(text) };
}

interface Row {
  readonly fields: readonly string[];
  readonly where: string;
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private header: readonly string[] | undefined;
  private layout: Layout | undefined;
  private held: Row[] = [];
  private readonly units = new Map<string, string>();
  private skipSep: boolean;

  constructor(
    private readonly choices: ReadChoices,
    hasSep: boolean,
  ) {
    this.times = new TimeReader(this.sink.notices, choices);
    this.skipSep = hasSep;
  }

  add(fields: readonly string[], where: string): string {
    if (this.skipSep) {
      this.skipSep = false;
      return '';
    }
    if (!this.header) {
      this.header = fields;
      return '';
    }
    if (fields.length !== this.header.length) {
      return 'the row has not as many fields as the first line';
    }
    if (this.layout) return this.row({ fields, where });
    this.held.push({ fields, where });
    if (this.held.length === LOOKED_AT) this.release();
    return '';
  }

  end(): void {
    this.release();
  }

  /** Tells the columns apart by the first rows, and takes those. */
  private release(): void {
    const { held, header = [] } = this;
    this.held = [];
    this.layout ??= layoutOf(
      header,
      held.map(({ fields }) => fields),
    );
    for (const row of held) {
      const reason = this.layout ? this.row(row) : 'the table has no column Time and no numbers';
      if (reason !== '') this.sink.drop('samples', row.where, row.fields.join(','), reason);
    }
  }

  /** A row's values; an empty cell is where a series has none at that time. */
  private row({ fields, where }: Row): string {
    const { layout } = this;
    if (!layout) return 'the table has no column Time and no numbers';
    const ts = this.times.read(fields[layout.time]);
    if (ts === undefined) return 'the time can not be read';
    const more = Object.fromEntries(
      layout.labels
        .map(({ column, name }) => [name, fields[column] ?? ''] as const)
        .filter(([, value]) => !isEmptyCell(value)),
    );
    const series = layout.series < 0 ? undefined : fields[layout.series];
    for (const { column, name } of layout.values) {
      const cell = fields[column] ?? '';
      if (isEmptyCell(cell)) continue;
      const reason = this.value(ts, cell, series ?? name, more);
      if (reason === '') continue;
      this.sink.drop('samples', `${where}, ${name}`, fields.join(','), reason, { at: ts });
    }
    return '';
  }

  private value(
    ts: bigint,
    cell: string,
    name: string,
    more: Readonly<Record<string, string>>,
  ): string {
    const found = measured(cell);
    if (!found) return 'the value is not a number';
    const named = namedBy(name, more, this.choices.metric ?? 'value');
    const key = `${name}\u0001${JSON.stringify(more)}`;
    const known = this.units.get(key);
    if (known !== undefined && found.unit !== '' && known !== found.unit) {
      return `the value is in another unit than ${known}`;
    }
    if (found.unit !== '') this.units.set(key, found.unit);
    const unit = known ?? (found.unit || unitOfName(named.metric));
    if (found.suffixed) {
      this.sink.notices.add(
        'units-in-values',
        'info',
        (n) =>
          `${n} values had their unit behind them; times became seconds, sizes bytes, K and M thousands.`,
      );
    }
    this.sink.sample(this.sink.series({ ...named, unit }), ts, found.value);
    return '';
  }
}
