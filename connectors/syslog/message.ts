/** One syslog message, taken apart. Missing parts (NILVALUE "-") are ''. */
export interface SyslogMessage {
  /** Facility * 8 + severity; -1 where the line has none, as files on disk mostly do. */
  readonly priority: number;
  /** As it stands there. */
  readonly time: string;
  readonly host: string;
  readonly app: string;
  readonly processId: string;
  readonly messageId: string;
  /** Structured data: "id.name" and the value. */
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}

/** 191 is local7.debug. */
const MOST_PRIORITY = 191;
const NO_DATA: SyslogMessage['data'] = {};

/**
 * A line as RFC 5424 or RFC 3164 has it, the latter also without priority (as syslogd writes files), without
 * host (as programs write to /dev/log), or with an RFC 3339 time (as rsyslog writes files). Undefined for others.
 */
export function parseSyslog(line: string): SyslogMessage | undefined {
  let priority = -1;
  let at = 0;
  if (line.startsWith('<')) {
    const end = line.indexOf('>');
    if (end < 2 || end > 4) return undefined;
    priority = wholeNumber(line.slice(1, end));
    if (priority < 0 || priority > MOST_PRIORITY) return undefined;
    at = end + 1;
    const space = line.indexOf(' ', at);
    if (space > at && space <= at + 2 && wholeNumber(line.slice(at, space)) > 0) {
      return parse5424(line, priority, space + 1);
    }
  }
  return parse3164(line, priority, at);
}

function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : -1;
}

/** TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG] */
function parse5424(line: string, priority: number, from: number): SyslogMessage | undefined {
  const fields: string[] = [];
  let at = from;
  for (let i = 0; i < 5; i++) {
    const space = line.indexOf(' ', at);
    if (space < 0) return undefined;
    const field = line.slice(at, space);
    fields.push(field === '-' ? '' : field);
    at = space + 1;
  }
  const [time = '', host = '', app = '', processId = '', messageId = ''] = fields;
  const read = structuredData(line, at);
  if (!read) return undefined;
  const { data, end } = read;
  // One space parts the message; rsyslog writes another. A byte order mark says that it is UTF-8.
  const text = line.slice(line[end] === ' ' ? end + 1 : end).replace(/^ ?\uFEFF?/, '');
  return { priority, time, host, app, processId, messageId, data, text };
}

/** Elements such as [id name="value"]; `"`, `\` and `]` in values stand behind a backslash. */
function structuredData(
  line: string,
  from: number,
): { readonly data: SyslogMessage['data']; readonly end: number } | undefined {
  if (line[from] === '-') return { data: NO_DATA, end: from + 1 };
  const data: Record<string, string> = {};
  let at = from;
  while (line[at] === '[') {
    const idEnd = endOf(line, at + 1, ' ]');
    const id = line.slice(at + 1, idEnd);
    at = idEnd;
    while (line[at] === ' ') {
      const equals = line.indexOf('="', at);
      if (equals < 0) return undefined;
      const close = closingQuote(line, equals + 2);
      if (close < 0) return undefined;
      const value = line.slice(equals + 2, close).replace(/\\(["\\\]])/g, '$1');
      data[`${id}.${line.slice(at + 1, equals)}`] = value;
      at = close + 1;
    }
    if (line[at] !== ']') return undefined;
    at++;
  }
  return at === from ? undefined : { data, end: at };
}

function endOf(line: string, from: number, marks: string): number {
  let at = from;
  while (at < line.length && !marks.includes(line[at] ?? '')) at++;
  return at;
}

function closingQuote(line: string, from: number): number {
  let at = from;
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
  return at < line.length ? at : -1;
}

const CLASSIC =
  /^[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: \d{4})?(?=:? )/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)(?= )/;
/** journalctl -o short-full and with-unit: Sat 2026-11-28 09:00:04 UTC. */
const JOURNAL = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [A-Z]{3,5})(?= )/;
/** A program with its process, or with the colon that ends its name. Names may have spaces only in brackets. */
const TAG = /^([^\s[\]:<>"=]{1,64}|\([^\s()]{1,64}\))(?:\[([^\]\s]{1,20})\](?::|(?= ))|:)(?: |$)/;

/** TIMESTAMP [HOSTNAME] [TAG[PID]:] MSG */
function parse3164(line: string, priority: number, from: number): SyslogMessage | undefined {
  const start = line.slice(from, from + 50);
  const m = CLASSIC.exec(start) ?? ISO.exec(start) ?? JOURNAL.exec(start);
  if (!m) return undefined;
  const time = m[1] ?? m[0];
  let rest = line.slice(from + m[0].length).replace(/^:? /, '');
  let host = '';
  let tag = TAG.exec(rest.slice(0, 100));
  if (!tag) {
    const space = rest.indexOf(' ');
    if (space <= 0) return undefined;
    host = rest.slice(0, space);
    rest = rest.slice(space + 1);
    tag = TAG.exec(rest.slice(0, 100));
  }
  const text = tag ? rest.slice(tag[0].length) : rest;
  return {
    priority,
    time,
    host: host === '-' ? '' : host,
    app: tag?.[1] ?? '',
    processId: tag?.[2] ?? '',
    messageId: '',
    data: NO_DATA,
    text: text.replace(/^\uFEFF/, ''),
  };
}
