import {
  ContainerRows,
  MAX_MESSAGE,
  RowSink,
  TimeReader,
  headJsonLines,
  isJsonObject,
  jsonAttributes,
  jsonLines,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';

/** Docker's json-file logs: one object a line with `log`, `stream` and `time`, and `attrs` where asked for. */
export const dockerJson: FileFormat = {
  id: 'docker-json',
  title: 'Docker json-file log',
  tables: ['resources', 'logs'],
  sniff,
  describe: () => ({
    signals: ['logs'],
    time: 'text',
    zone: 'stated',
    clock: 'the container runtime',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(source.name, choices);
    return readRecords(jsonLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (value) => reader.add(value),
      end: () => reader.end(),
    });
  },
};

const KEYS = new Set(['log', 'stream', 'attrs', 'time']);

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  // Shippers write these keys, too, and more.
  const fits = lines.filter(
    (line) =>
      Object.keys(line).every((key) => KEYS.has(key)) &&
      typeof line['log'] === 'string' &&
      (line['stream'] === 'stdout' || line['stream'] === 'stderr') &&
      isTime(line['time']),
  );
  if (fits.length === 0 || fits.length < lines.length * 0.8) return { confidence: 0, why: '' };
  return { confidence: 0.97, why: 'JSON lines with "log", "stream" and "time", as Docker writes.' };
}

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);

interface Open {
  readonly ts: bigint;
  readonly attrs: unknown;
  text: string;
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly rows: ContainerRows;
  private readonly resources = new Map<string, Attributes>();
  private readonly containerId: string;
  /** A message that goes on: Docker cuts at 16 KiB, and only the last piece ends with a line end. */
  private readonly open = new Map<string, Open>();

  constructor(name: string, choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
    this.rows = new ContainerRows(this.sink, choices);
    this.containerId = /([0-9a-f]{64})-json\.log/.exec(name)?.[1] ?? '';
  }

  add({ log, stream, time, attrs }: JsonObject): string {
    const ts = this.times.read(time);
    if (ts === undefined) return 'the record has no time';
    if (typeof log !== 'string') return 'the record has no log text';
    const from = typeof stream === 'string' ? stream : '';
    const open = this.open.get(from);
    if (open) {
      open.text += log;
      this.rows.joined();
    }
    const message = open ?? { ts, attrs, text: log };
    const ends = log.endsWith('\n');
    if (!ends && message.text.length < MAX_MESSAGE) this.open.set(from, message);
    else {
      this.open.delete(from);
      if (!ends) this.rows.split();
      this.row(from, message);
    }
    return '';
  }

  /** What has no line end at the end of the file is a message, too. */
  end(): void {
    for (const [stream, message] of this.open) this.row(stream, message);
  }

  private row(stream: string, { ts, attrs, text }: Open): void {
    this.rows.row(ts, stream, text.replace(/\r?\n$/, ''), this.resource(attrs));
  }

  private resource(attrs: unknown): Attributes {
    const key = isJsonObject(attrs) ? JSON.stringify(attrs) : '';
    let resource = this.resources.get(key);
    if (!resource) {
      resource = this.describe(jsonAttributes(attrs));
      this.resources.set(key, resource);
    }
    return resource;
  }

  private describe(attrs: Attributes): Attributes {
    const service = attrs['com.docker.compose.service'] ?? attrs['com.docker.swarm.service.name'];
    return {
      ...attrs,
      ...(service ? { 'service.name': service } : {}),
      ...(this.containerId ? { 'container.id': this.containerId } : {}),
    };
  }
}
