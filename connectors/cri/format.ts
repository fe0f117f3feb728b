import {
  ContainerRows,
  MAX_MESSAGE,
  RowSink,
  TimeReader,
  headLines,
  readRecords,
  textLines,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { resourceOfPath } from './path';

/**
 * Container logs as containerd and CRI-O write them for the kubelet (kubernetes/design-proposals,
 * kubelet-cri-logging): `<RFC 3339, ns> <stdout|stderr> <tags> <text>`, the first tag P (goes on) or F (full).
 */
export const cri: FileFormat = {
  id: 'cri',
  title: 'Kubernetes container log (CRI)',
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
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (line) => reader.add(line),
      end: () => reader.end(),
    });
  },
};

const STARTS =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) std(?:out|err) [PF](?:[: ]|$)/;

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head);
  const fits = lines.filter((line) => STARTS.test(line));
  if (fits.length === 0 || fits.length < lines.length * 0.8) return { confidence: 0, why: '' };
  return {
    confidence: 0.98,
    why: 'Lines of time, stdout or stderr and the tag F or P, as a container runtime writes.',
  };
}

interface Line {
  readonly time: string;
  readonly stream: string;
  readonly partial: boolean;
  readonly text: string;
}

/** The four parts of a line; undefined where it has not all of them. */
function partsOf(line: string): Line | undefined {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  if (first < 0 || second < 0) return undefined;
  const stream = line.slice(first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const third = line.indexOf(' ', second + 1);
  // Tags stand apart by colons, and only the first is defined. An empty text may have lost its space.
  const tag = line.slice(second + 1, third < 0 ? line.length : third).split(':', 1)[0];
  if (tag !== 'P' && tag !== 'F') return undefined;
  const text = third < 0 ? '' : line.slice(third + 1);
  return { time: line.slice(0, first), stream, partial: tag === 'P', text };
}

interface Open {
  readonly ts: bigint;
  text: string;
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly rows: ContainerRows;
  private readonly resource: Attributes;
  /** By stream: stdout and stderr may break into each other's messages. */
  private readonly open = new Map<string, Open>();

  constructor(name: string, choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
    this.rows = new ContainerRows(this.sink, choices);
    this.resource = resourceOfPath(name);
  }

  add(line: string): string {
    const parts = partsOf(line);
    if (!parts) return 'the line has not time, stream, tag and text';
    const { time, stream, partial, text } = parts;
    const ts = this.times.read(time);
    if (ts === undefined) return 'the line has no time';
    const open = this.open.get(stream);
    if (open) {
      open.text += text;
      this.rows.joined();
    }
    const message = open ?? { ts, text };
    if (partial && message.text.length < MAX_MESSAGE) this.open.set(stream, message);
    else {
      this.open.delete(stream);
      if (partial) this.rows.split();
      this.row(stream, message);
    }
    return '';
  }

  /** A message whose last part is missing is one all the same. */
  end(): void {
    for (const [stream, message] of this.open) {
      this.sink.notices.add(
        'message-unfinished',
        'warning',
        (n) => `${n} messages lack their last part; they were taken over as far as they go.`,
      );
      this.row(stream, message);
    }
  }

  private row(stream: string, { ts, text }: Open): void {
    this.rows.row(ts, stream, text, this.resource);
  }
}
