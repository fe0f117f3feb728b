import {
  chunksOf,
  headLines,
  readRecords,
  textLines,
  type ByteSource,
  type FileFormat,
  type Head,
  type RecordBlock,
  type Sniff,
} from '../../core/connect';
import { isOctetCounted, octetFrames } from './frames';
import { parseSyslog, type SyslogMessage } from './message';
import { SyslogReader } from './reader';

/** Syslog messages of RFC 5424 (also octet-counted) and RFC 3164, and the files that syslogd and rsyslog write. */
export const syslog: FileFormat = {
  id: 'syslog',
  title: 'Syslog (RFC 5424, RFC 3164)',
  tables: ['resources', 'logs'],
  sniff,
  describe: (head) => {
    const classic = headLines(head).some((line) => CLASSIC.test(line) || NAMED_ZONE.test(line));
    return {
      signals: ['logs'],
      time: 'text',
      zone: classic ? 'unknown' : 'stated',
      clock: 'the host that sent the message',
      guessed: classic,
    };
  },
  read: (source, signal, choices) => {
    const reader = new SyslogReader(choices);
    return readRecords(framesOrLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (text) => reader.add(text),
      end: () => reader.end(),
    });
  },
};

/** The framing is told by the first bytes. The source is streamed once: it may be an archive's member. */
async function* framesOrLines(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<string>> {
  const chunks = chunksOf(source.stream(), signal);
  const first: Uint8Array[] = [];
  let start = '';
  while (start.length < FIRST) {
    const { done, value } = await chunks.next();
    if (done) break;
    first.push(value);
    start += String.fromCharCode(...value.subarray(0, FIRST));
  }
  const whole = { name: source.name, stream: () => replayed(first, chunks) };
  yield* isOctetCounted(start) ? octetFrames(whole, signal) : textLines(whole, signal);
}

/** More than a count, its space and a priority. */
const FIRST = 16;

function replayed(
  first: Uint8Array[],
  chunks: AsyncGenerator<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const held = first.shift();
      if (held) return controller.enqueue(held);
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

const CLASSIC = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d/;
/** A zone by its name says no offset, except UTC. */
const NAMED_ZONE = /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d [\d:.]+ (?!UTC)[A-Z]{3,5} /;
const MONTH = /^(?:<\d{1,3}>)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /;
const NO: Sniff = { confidence: 0, why: '' };

function sniff(head: Head): Sniff {
  if (isOctetCounted(head.text) && parseSyslog(headLines(head)[0]?.replace(/^\d+ /, '') ?? '')) {
    return { confidence: 0.97, why: 'Syslog messages, each with its length before it (RFC 6587).' };
  }
  const lines = headLines(head);
  let prioritised = 0;
  let plain = 0;
  let classic = 0;
  let pids = 0;
  for (const line of lines) {
    const message = parseSyslog(line);
    if (!message) {
      // A further line of the message before it.
      if (plain + prioritised > 0 && /^[ \t]/.test(line)) {
        plain++;
        classic++;
      }
    } else if (message.priority >= 0) prioritised++;
    else {
      if (MONTH.test(line)) classic++;
      if (!isOfSyslogd(message, line)) continue;
      plain++;
      if (message.processId !== '') pids++;
    }
  }
  const least = Math.max(1, lines.length * 0.8);
  if (prioritised >= least) {
    return { confidence: 0.97, why: 'Lines that begin with a syslog priority, time and host.' };
  }
  // The month tells; a program may leave its name out.
  if (classic + prioritised >= least && plain >= lines.length * 0.5) {
    return {
      confidence: 0.9,
      why: 'Lines of month, day, time, host and program, as syslogd writes.',
    };
  }
  // An application may write the same with a level for the host.
  if (plain < least || pids === 0) return NO;
  return {
    confidence: 0.85,
    why: 'Lines of time, host, program and its process, as rsyslog writes.',
  };
}

const LEVEL =
  /^(?:trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|severe|alert)$/i;

/** Without a priority: a program must be there, and no level in the place of the host. */
function isOfSyslogd({ host, app, text }: SyslogMessage, line: string): boolean {
  if (LEVEL.test(host) || LEVEL.test(app)) return false;
  if (MONTH.test(line)) return app !== '' || / repeated \d+ times?$/.test(text);
  return app !== '' && /^[A-Za-z0-9][\w.:-]{0,252}$/.test(host);
}
