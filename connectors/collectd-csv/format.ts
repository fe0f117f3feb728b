import {
  RowSink,
  TimeReader,
  csvRecords,
  headCsv,
  parseGoFloat,
  readRecords,
  type ByteSource,
  type FileFormat,
  type FileGroup,
  type Head,
  type ListedFile,
  type ReadChoices,
  type RecordBlock,
} from '../../core/connect';
import { placeOfPath, type Place } from './place';

/**
 * Files of collectd's csv plugin (collectd.conf(5), "Plugin csv"): `epoch,value` and rows. What is measured
 * stands in the path only: host/plugin-instance/type-instance-2024-05-01.
 */
export const collectdCsv: FileFormat = {
  id: 'collectd-csv',
  title: 'collectd CSV',
  tables: ['resources', 'metric_series', 'samples'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 's',
    zone: 'UTC',
    clock: 'the host that measured',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(rowsOf(source.parts ?? [source], signal), {
      sink: reader.sink,
      signal: 'samples',
      add: (row, where) => reader.add(row, where),
    });
  },
  group,
};

interface Row {
  readonly file: string;
  readonly fields: readonly string[];
}

/** The rows of several files, one after the other. */
async function* rowsOf(
  parts: readonly ByteSource[],
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<Row>> {
  for (const part of parts) {
    const prefix = parts.length > 1 ? `${part.name}, ` : '';
    for await (const { records, malformed } of csvRecords(part, signal, ',')) {
      const placed = records.map((record) => {
        const where = prefix + record.where;
        return 'value' in record
          ? { where, text: record.text, value: { file: part.name, fields: record.value } }
          : { ...record, where };
      });
      yield { records: placed, malformed };
    }
  }
}

const NAMED = /^(?:(.*)\/)?[^/]+\/[^/]+\/[^/]+-\d{4}-\d\d-\d\d$/;

/** The files of a data folder, of all its hosts: they lie as collectd lays them out and begin with "epoch,". */
async function group(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const { name } = file;
    const match = NAMED.exec(name.replaceAll('\\', '/'));
    if (!match || !(await file.head()).text.startsWith('epoch,')) continue;
    const folder = match[1] ?? '';
    const known = folders.get(folder);
    if (known) known.push(name);
    else folders.set(folder, [name]);
  }
  return [...folders]
    .filter(([, names]) => names.length > 1)
    .map(([folder, names]) => ({
      name: folder || 'collectd',
      files: names,
      why: `${names.length} files of collectd's csv plugin, by host, plugin and type.`,
    }));
}

function sniff(head: Head): { confidence: number; why: string } {
  const table = headCsv(head);
  const first = table?.rows[0];
  const fits =
    table?.delimiter === ',' &&
    table.header[0] === 'epoch' &&
    table.header.every((name) => /^[a-z_0-9]+$/.test(name)) &&
    first?.length === table.header.length &&
    /^\d{9,10}(\.\d+)?$/.test(first[0] ?? '');
  if (!fits) return { confidence: 0, why: '' };
  const why = `Its first line is "${table.header.join(',')}", as collectd writes.`;
  return { confidence: 0.96, why };
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private file: string | undefined;
  private columns: readonly string[] | undefined;
  private series: readonly bigint[] = [];

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices, 's');
  }

  add({ file, fields }: Row, where: string): string {
    if (file !== this.file) {
      this.file = file;
      this.columns = undefined;
    }
    if (!this.columns) return this.header(fields, placeOfPath(file));
    const [time = '', ...values] = fields;
    // A file that collectd went on with after a start may have its first line again.
    if (time === 'epoch') return '';
    if (fields.length !== this.columns.length) {
      return 'the row has not as many fields as the first line';
    }
    const ts = /^\d{9,}(\.\d+)?$/.test(time) ? this.times.read(time) : undefined;
    if (ts === undefined) return 'the time can not be read';
    for (const [i, word] of values.entries()) {
      const id = this.series[i];
      const value = word === 'U' ? Number.NaN : parseGoFloat(word);
      if (id !== undefined && value !== undefined) this.sink.sample(id, ts, value);
      else {
        const place = `${where}, ${this.columns[i + 1] ?? ''}`;
        const text = fields.join(',');
        this.sink.drop('samples', place, text, 'the value is not a number', { at: ts });
      }
    }
    return '';
  }

  private header(fields: readonly string[], place: Place): string {
    if (fields[0] !== 'epoch') return 'the file does not begin with a line of names';
    this.columns = fields;
    if (place.guessed) {
      this.sink.notices.add(
        'place-unknown',
        'warning',
        () =>
          'The path does not say host, plugin and type, as collectd lays its files out; import the folder with them.',
      );
    }
    const { metric, resource, labels } = place;
    this.series = fields.slice(1).map((name) => {
      const full = name === 'value' ? metric : `${metric}_${name}`;
      return this.sink.series({ metric: full, resource, labels });
    });
    return '';
  }
}
