import {
  LogTexts,
  RowSink,
  TimeReader,
  severityOfSyslog,
  type LogText,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { parseSyslog, type SyslogMessage } from './message';

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
/** RFC 5424, 6.2.1, by the names of syslog.h. */
const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );
const REPEATED = /^(?:last )?message repeated (\d{1,9}) times?(?:$|: \[)/;
const KEPT = 10_000;
/** A message that goes on for longer is cut into rows of its own. */
const MAX_MESSAGE = 1 << 20;

interface Row {
  readonly ts: bigint;
  readonly message: SyslogMessage;
  /** Of what stands before the text. */
  readonly width: number;
  text: string;
}

/** Makes rows of syslog messages; a line that begins with spaces goes on with the one before it. */
export class SyslogReader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly texts = new LogTexts(this.sink.notices);
  private readonly resources = new Map<string, Attributes>();
  /** By host: what "last message repeated" is about. */
  private readonly last = new Map<string, { readonly app: string; readonly text: LogText }>();
  private open: Row | undefined;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(line: string): string {
    const message = parseSyslog(line);
    if (!message) return this.goOn(line);
    const ts = message.time === '' ? undefined : this.times.read(message.time);
    if (ts === undefined) return 'the message has no time';
    this.end();
    const width = line.length - message.text.length;
    this.open = { ts, message, width, text: message.text };
    return '';
  }

  /** journalctl -o short indents the further lines of a message as far as its first. */
  private goOn(line: string): string {
    const { open } = this;
    if (!open || !/^[ \t]/.test(line)) return 'the line is no syslog message';
    if (open.text.length > MAX_MESSAGE) return 'the message before it is too long already';
    const indent = line.search(/[^ \t]|$/);
    open.text += `\n${line.slice(Math.min(indent, open.width))}`;
    this.sink.notices.add(
      'lines-joined',
      'info',
      (n) => `${n} lines go on with the message before them and were joined to it.`,
    );
    return '';
  }

  end(): void {
    if (this.open) this.row(this.open);
    this.open = undefined;
  }

  private row({ ts, message, text }: Row): void {
    const { priority, host, data } = message;
    const repeated = REPEATED.exec(text)?.[1];
    const before = repeated !== undefined && message.app === '' ? this.last.get(host) : undefined;
    const app = before?.app ?? message.app;
    const read = this.texts.read(text, priority < 0 ? '' : LEVELS[priority & 7]);
    if (repeated !== undefined) this.noteRepeated(Number(repeated));
    else this.keepLast(host, { app, text: read });
    const level = before && priority < 0 ? before.text : read;
    const severity = priority < 0 ? level.severity : severityOfSyslog(priority & 7);
    const trace = traceOf(data);
    this.sink.log({
      ts,
      ...read,
      severity,
      severityText: level.severityText,
      ...trace,
      resource: this.resource(app, host),
      attributes: this.texts.redactor.attributes(attributesOf(message, repeated)),
    });
  }

  private keepLast(host: string, said: { readonly app: string; readonly text: LogText }): void {
    if (this.last.size >= KEPT) this.last.clear();
    this.last.set(host, said);
  }

  private noteRepeated(times: number): void {
    this.sink.notices.add(
      'messages-repeated',
      'info',
      (n) =>
        `${n} messages were only counted by whoever wrote the file ("message repeated"); such a line is one row, its count is in syslog.repeated.`,
      times,
    );
  }

  private resource(app: string, host: string): Attributes {
    const key = `${app}\n${host}`;
    let resource = this.resources.get(key);
    if (!resource) {
      // Some programs call themselves by their path; journalctl -o with-unit names the unit.
      const program = app.startsWith('/') ? app.slice(app.lastIndexOf('/') + 1) : app;
      const service = program.replace(/\.service$/, '');
      resource = {
        ...(service === '' ? {} : { 'service.name': service }),
        ...(host === '' ? {} : { 'host.name': host }),
      };
      if (this.resources.size >= KEPT) this.resources.clear();
      this.resources.set(key, resource);
    }
    return resource;
  }
}

function attributesOf(
  { priority, processId, messageId, data }: SyslogMessage,
  repeated: string | undefined,
): Attributes {
  const attributes: Record<string, string> = { ...data };
  const facility = priority < 0 ? undefined : FACILITIES[priority >> 3];
  if (facility !== undefined) attributes['syslog.facility'] = facility;
  if (/^\d+$/.test(processId)) attributes['process.pid'] = processId;
  else if (processId !== '') attributes['syslog.procid'] = processId;
  if (messageId !== '') attributes['syslog.msgid'] = messageId;
  if (repeated !== undefined) attributes['syslog.repeated'] = repeated;
  return attributes;
}

/** Trace and span in structured data, whatever its id. */
function traceOf(
  data: SyslogMessage['data'],
): { readonly traceId: string; readonly spanId: string } | undefined {
  let traceId = '';
  let spanId = '';
  for (const [name, value] of Object.entries(data)) {
    if (/\.trace[-_.]?id$/i.test(name) && /^[0-9a-f]{32}$/i.test(value)) {
      traceId = value.toLowerCase();
    } else if (/\.span[-_.]?id$/i.test(name) && /^[0-9a-f]{16}$/i.test(value)) {
      spanId = value.toLowerCase();
    }
  }
  return traceId === '' ? undefined : { traceId, spanId };
}
