/** The time at a line's start, and what else its layout says there. */
export interface LineStart {
  /** As text that TimeReader reads. */
  readonly time: string;
  /** Where the time and its brackets end. */
  readonly end: number;
  /** A level that stands before the time. */
  readonly level: string;
  /** What stands before the time and is no level. */
  readonly prefix: string;
  readonly layout: 'plain' | 'ruby' | 'klog' | 'redis' | 'prefixed';
  readonly processId?: string;
}

const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)';
/** Behind a comma a table's number may stand; a fraction has three digits there. */
const FRACTION = String.raw`(?:\.\d{1,9}|,\d{3,9})?`;
/** A zone behind a time; a name such as CET only where PostgreSQL's "[pid]" follows. */
const ZONE = String.raw`(?: ?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b)| [A-Z]{3,5}(?= \[\d))?`;
/** Behind a time something ends; a comma or semicolon would be a table's. */
const END = String.raw`(?=[\s\]|:[)#>-]|$)`;
const ISO = String.raw`\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d${FRACTION}${ZONE}`;
const DAY_FIRST = String.raw`\d{1,2}[- /]${MONTH}[- /]\d{4}[ :]\d\d:\d\d:\d\d${FRACTION}(?: (?:UTC|GMT|[+-]\d{4}))?`;
const SLASHED = String.raw`\d{1,2}([/.-])\d{1,2}\1\d{2,4},?[ T]\d{1,2}:\d\d:\d\d${FRACTION}(?: ?[AP]M)?${ZONE}`;
const MONTH_FIRST = String.raw`(?:[A-Z][a-z]{2,8},? )?${MONTH} {1,2}\d{1,2},?(?: \d{4},?)? \d{1,2}:\d\d:\d\d${FRACTION}(?: ?[AP]M)?(?: (?:UTC|GMT|[A-Z]{3,4}(?= \d{4})))?(?: \d{4})?`;
const COMPACT = String.raw`\d{8}[T_ -]\d{6}${FRACTION}Z?`;
const EPOCH = String.raw`1\d{9}(?:\.\d{1,9})?|1\d{12}`;

const start = (form: string): RegExp => new RegExp(`^(?:${form})${END}`);
const DIGIT_FORMS = [ISO, DAY_FIRST, SLASHED, COMPACT, EPOCH].map(start);
const LETTER_FORMS = [start(MONTH_FIRST)];
const LEVEL_FIRST =
  /^\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC|trace|debug|info|notice|warn|warning|error|fatal|critical)\]?:?\s{1,8}(?:[|-]\s)?/;
const RUBY = new RegExp(String.raw`^([DIWEFAU]), \[(${ISO}) #(\d{1,10})\]`);
const KLOG = /^([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{6})(?= )/;
const REDIS = new RegExp(String.raw`^(\d{1,10}):[XCSM] (${DAY_FIRST}) ([.*#-])(?= )`);
const ANYWHERE = new RegExp(`(?:^|[\\s[|(:])(${ISO})${END}`);

const RUBY_LEVELS: Readonly<Record<string, string>> = {
  D: 'DEBUG',
  I: 'INFO',
  W: 'WARN',
  E: 'ERROR',
  F: 'FATAL',
};
const REDIS_LEVELS: Readonly<Record<string, string>> = {
  '.': 'debug',
  '-': 'verbose',
  '*': 'notice',
  '#': 'warning',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** A time further in is one of the message. */
const PREFIX = 80;

/**
 * The time that a line begins with, in brackets or not, behind a level or what Ruby, klog and Redis write before
 * it. With `prefixed` also a time behind other text, as `docker compose logs` puts it.
 */
export function startOf(line: string, prefixed = false): LineStart | undefined {
  const found = plainStart(line, 0) ?? specialStart(line) ?? behindLevel(line);
  if (found || !prefixed) return found;
  const m = ANYWHERE.exec(line.slice(0, PREFIX + 40));
  const time = m?.[1];
  if (!m || time === undefined || m.index > PREFIX) return undefined;
  const at = m.index + m[0].length - time.length;
  const bracket = line[at - 1] === '[' && line[at + time.length] === ']' ? 1 : 0;
  return {
    time,
    end: at + time.length + bracket,
    level: '',
    prefix: line.slice(0, at - bracket).trim(),
    layout: 'prefixed',
  };
}

/** A time at `at`, perhaps in brackets. */
function plainStart(line: string, at: number): LineStart | undefined {
  const code = line.charCodeAt(at);
  const open = code === 91 || code === 40 ? 1 : 0;
  const first = open ? line.charCodeAt(at + 1) : code;
  const isDigit = first >= 48 && first <= 57;
  if (!isDigit && !(first >= 65 && first <= 90)) return undefined;
  const text = line.slice(at + open, at + open + 60).replaceAll('\u202F', ' ');
  for (const form of isDigit ? DIGIT_FORMS : LETTER_FORMS) {
    const time = form.exec(text)?.[0];
    if (time === undefined) continue;
    let end = at + open + time.length;
    if (open && /[\])]/.test(line[end] ?? '')) end++;
    return { time, end, level: '', prefix: '', layout: 'plain' };
  }
  return undefined;
}

function behindLevel(line: string): LineStart | undefined {
  const m = LEVEL_FIRST.exec(line);
  const found = m ? plainStart(line, m[0].length) : undefined;
  return m && found ? { ...found, level: m[1] ?? '' } : undefined;
}

function specialStart(line: string): LineStart | undefined {
  let m = RUBY.exec(line);
  if (m) {
    return {
      time: m[2] ?? '',
      end: m[0].length,
      level: RUBY_LEVELS[m[1] ?? ''] ?? '',
      prefix: '',
      layout: 'ruby',
      processId: m[3] ?? '',
    };
  }
  m = KLOG.exec(line);
  if (m) {
    const month = MONTHS[Number(m[2]) - 1] ?? '?';
    // The year is left open, as TimeReader has it.
    const time = `${month} ${m[3]} ${m[4]}`;
    return { time, end: m[0].length, level: m[1] ?? '', prefix: '', layout: 'klog' };
  }
  m = REDIS.exec(line);
  if (!m) return undefined;
  const level = REDIS_LEVELS[m[3] ?? ''] ?? '';
  return {
    time: m[2] ?? '',
    end: m[0].length,
    level,
    prefix: '',
    layout: 'redis',
    processId: m[1] ?? '',
  };
}
