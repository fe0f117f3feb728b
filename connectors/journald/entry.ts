import {
  LogTexts,
  RowSink,
  TimeReader,
  severityOfSyslog,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';

/** The fields of an entry with all their values (systemd.journal-fields(7)); an empty list for one that was left out. */
export type JournalEntry = ReadonlyMap<string, readonly string[]>;

/** What journald adds itself begins with an underscore; of that only this says more than where it came from. */
const TRUSTED = new Set([
  '__REALTIME_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
  '_HOSTNAME',
  '_MACHINE_ID',
  '_PID',
  '_COMM',
  '_TRANSPORT',
  '_SYSTEMD_UNIT',
  '_SYSTEMD_USER_UNIT',
]);

export function isWanted(name: string): boolean {
  return !name.startsWith('_') || TRUSTED.has(name);
}

/** Fields that are columns or parts of the resource, or say what others say. */
const TAKEN = new Set([
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_TIMESTAMP',
  'SYSLOG_RAW',
  'UNIT',
  'USER_UNIT',
  'TRACE_ID',
  'SPAN_ID',
  'CONTAINER_ID',
  'CONTAINER_ID_FULL',
  'CONTAINER_NAME',
  'IMAGE_NAME',
]);
/** Fields with a name in OpenTelemetry's conventions. */
const CONVENTION: Readonly<Record<string, string>> = {
  _PID: 'process.pid',
  TID: 'thread.id',
  CODE_FILE: 'code.file.path',
  CODE_LINE: 'code.line.number',
  CODE_FUNC: 'code.function.name',
};
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const KEPT_RESOURCES = 10_000;
/** A message that goes on for longer is given as it is, and the rest as another. */
const MAX_MESSAGE = 4 << 20;

interface Open {
  readonly ts: bigint;
  readonly received: bigint | undefined;
  readonly entry: JournalEntry;
  text: string;
}

/** Makes rows of journal entries, in whichever form they came. */
export class EntryReader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly texts = new LogTexts(this.sink.notices);
  private readonly resources = new Map<string, Attributes>();
  /** By container: messages that Docker cut at 16 KiB and that go on in another entry. */
  private readonly open = new Map<string, Open>();

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices, 'µs');
  }

  add(entry: JournalEntry): string {
    const received = this.times.read(first(entry, '__REALTIME_TIMESTAMP'));
    const ts = this.times.read(first(entry, '_SOURCE_REALTIME_TIMESTAMP')) ?? received;
    if (ts === undefined) return 'the entry has no time';
    const message = entry.get('MESSAGE');
    if (!message) return 'the entry has no MESSAGE';
    if (message.length === 0) {
      this.sink.notices.add(
        'message-left-out',
        'warning',
        (n) =>
          `${n} messages are too long for journalctl -o json and were left out by it; --all writes them.`,
      );
    }
    return this.join(entry, { ts, received, entry, text: message.join('\n') });
  }

  /** Docker's journald driver marks all parts of a message but the last. */
  private join(entry: JournalEntry, given: Open): string {
    const container = first(entry, 'CONTAINER_ID_FULL') ?? first(entry, 'CONTAINER_ID') ?? '';
    const goesOn = first(entry, 'CONTAINER_PARTIAL_MESSAGE') === 'true';
    const open = this.open.get(container);
    if (open) {
      open.text += given.text;
      this.sink.notices.add(
        'lines-joined',
        'info',
        (n) => `${n} records go on with the message before them and were joined to it.`,
      );
    }
    const message = open ?? given;
    if (goesOn && message.text.length < MAX_MESSAGE) this.open.set(container, message);
    else {
      this.open.delete(container);
      this.row(message);
    }
    return '';
  }

  /** A message whose last part is missing is one all the same. */
  end(): void {
    for (const message of this.open.values()) this.row(message);
    this.open.clear();
  }

  private row({ ts, received, entry, text: message }: Open): void {
    const priority = first(entry, 'PRIORITY') ?? '';
    const level = /^[0-7]$/.test(priority) ? Number(priority) : -1;
    const text = this.texts.read(message, LEVELS[level] ?? '');
    const { redactor } = this.texts;
    const traceId = hexOf(entry, 'TRACE_ID', 32);
    this.sink.log({
      ts,
      ...(received === undefined ? {} : { observedTs: received }),
      ...text,
      ...(level < 0 ? {} : { severity: severityOfSyslog(level) }),
      ...(traceId === '' ? {} : { traceId, spanId: hexOf(entry, 'SPAN_ID', 16) }),
      resource: this.resource(entry),
      attributes: redactor.attributes(attributesOf(entry)),
    });
  }

  private resource(entry: JournalEntry): Attributes {
    const made: Record<string, string> = {};
    const set = (name: string, value: string | undefined): void => {
      if (value !== undefined && value !== '') made[name] = value;
    };
    set('service.name', serviceOf(entry));
    set('host.name', first(entry, '_HOSTNAME'));
    set('host.id', first(entry, '_MACHINE_ID'));
    set('container.name', first(entry, 'CONTAINER_NAME'));
    set('container.id', first(entry, 'CONTAINER_ID_FULL') ?? first(entry, 'CONTAINER_ID'));
    set('container.image.name', first(entry, 'IMAGE_NAME'));
    // The sink knows a resource by its identity.
    const key = Object.values(made).join('\n');
    const known = this.resources.get(key);
    if (known) return known;
    if (this.resources.size >= KEPT_RESOURCES) this.resources.clear();
    this.resources.set(key, made);
    return made;
  }
}

function first(entry: JournalEntry, name: string): string | undefined {
  return entry.get(name)?.[0];
}

/**
 * Who speaks, or of whom systemd speaks (UNIT): the container that Docker logs for, else the unit without
 * ".service", else the name that the program gives itself. Scopes (sessions, init) are no services.
 */
function serviceOf(entry: JournalEntry): string | undefined {
  const container = first(entry, 'CONTAINER_NAME');
  if (container !== undefined) return container;
  for (const name of ['UNIT', 'USER_UNIT', '_SYSTEMD_USER_UNIT', '_SYSTEMD_UNIT']) {
    const unit = first(entry, name) ?? '';
    if (unit.endsWith('.service') && !unit.startsWith('user@')) return unit.slice(0, -8);
  }
  return first(entry, 'SYSLOG_IDENTIFIER') ?? first(entry, '_COMM');
}

const isTaken = (name: string): boolean =>
  name.startsWith('_') || name.startsWith('CONTAINER_PARTIAL_') || TAKEN.has(name);

function attributesOf(entry: JournalEntry): Attributes {
  const attributes: Record<string, string> = {};
  for (const [name, values] of entry) {
    const called = CONVENTION[name] ?? (isTaken(name) ? '' : name);
    if (called !== '' && values.length > 0) attributes[called] = values.join(', ');
  }
  return attributes;
}

function hexOf(entry: JournalEntry, name: string, digits: number): string {
  const id = (first(entry, name) ?? '').toLowerCase();
  return id.length === digits && /^[0-9a-f]*$/.test(id) && !/^0*$/.test(id) ? id : '';
}
