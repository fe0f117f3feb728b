import type { LineStart } from './times';

/** What stands between a line's time and its message, where the pattern is clear. */
export interface Header {
  readonly level: string;
  readonly thread: string;
  readonly logger: string;
  readonly processId: string;
  /** PostgreSQL's user@database. */
  readonly session: string;
  /** Spring's application, before the thread. */
  readonly application: string;
  readonly message: string;
}

const WORD =
  'TRACE|DEBUG[1-5]?|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC|CONFIG|FINE|FINER|FINEST|SUCCESS';
const SHORT = 'TRC|DBG|VRB|INF|WRN|FTL|System|Warning|Error|Note';
/** A level in capitals that ends there; PostgreSQL's words for lines of one message end with a colon. */
const BARE = new RegExp(
  `^(?:(${WORD})(?=[\\s:|\\],/-]|$)|(LOG|DETAIL|HINT|STATEMENT|CONTEXT|QUERY)(?=: ))`,
);
const IN_BRACKETS = new RegExp(`^(?:([\\w.-]{1,60}):)?(${WORD}|${SHORT}|V|D|I|W|E|F)\\s*$`, 'i');
const BRACKET = /^\[([^\]]{0,120})\]/;
const SEPARATOR = /^(?:\|+|-{1,3}|:)(?=\s|$|\|)/;
const SESSION = /^([\w[\]$.-]{1,63}@[\w[\]$.-]{1,63}) (?=[A-Z])/;
/** 1234#5678: of nginx. */
const NGINX_PROCESS = /^(\d{1,10})#\d{1,10}:(?= )/;
const NUMBER = /^\d{1,10}(?=\s)/;
/** A name that a separator ends: `shop.Cart - `, `o.e.Server : `, `module:function:12 - `, `name|`. */
const NAME = /^([A-Za-z_$<](?:[\w.$<>/-]|:(?=[\w<])){0,120})(\s*)(\||(?:---?|-|:)(?=\s|$))/;
const DOTTED = /^((?:[A-Za-z_$][\w$<>]*\.){2,12}[\w$<>]{1,80}) /;
const MOST_TOKENS = 12;

/**
 * Level, thread, logger and process of the lines that log4j, logback, Spring, python, nginx, Apache, PostgreSQL,
 * MySQL, Serilog, NLog, gunicorn and their like write. Without a level nothing is taken out of the text.
 */
export function headerOf(line: string, start: LineStart): Header {
  const parser = new HeaderParser(line, start);
  parser.run();
  return parser.header();
}

class HeaderParser {
  private level: string;
  private thread = '';
  private logger = '';
  private processId: string;
  private session = '';
  private application = '';
  /** Behind the "---" of Spring. */
  private spring = false;
  private at: number;
  /** Where the message begins as far as is known. */
  private taken: number;

  constructor(
    private readonly line: string,
    private readonly start: LineStart,
  ) {
    this.level = start.level;
    this.processId = start.processId ?? '';
    this.at = start.end;
    this.taken = start.end;
  }

  run(): void {
    if (this.start.layout === 'klog') return this.klog();
    if (this.start.layout === 'redis') return;
    this.celery();
    for (let i = 0; i < MOST_TOKENS; i++) {
      while (/\s/.test(this.line[this.at] ?? '')) this.at++;
      if (this.at >= this.line.length || !this.token(this.line.slice(this.at, this.at + 200)))
        break;
      if (this.level !== '') this.taken = this.at;
    }
  }

  header(): Header {
    const { level, thread, logger, processId, session, application } = this;
    const known = level !== '' || this.start.layout !== 'plain';
    const text = this.line.slice(known ? this.taken : this.start.end).trimStart();
    const message = known ? text : text.replace(/^(?:[-|:]|\]:?) /, '');
    const { prefix } = this.start;
    return {
      level,
      thread: known ? thread : '',
      logger: known ? logger : '',
      processId: known ? processId : '',
      session: known ? session : '',
      application: known ? application : '',
      message: prefix === '' ? message : `${prefix} ${message.replace(/^[-|:] /, '')}`,
    };
  }

  /** `   1234 server.go:123] message` */
  private klog(): void {
    const m = /^\s{1,8}(\d{1,10}) ([^\s\]]{1,120})\]/.exec(this.line.slice(this.at, this.at + 160));
    if (!m) return;
    this.processId = m[1] ?? '';
    this.logger = m[2] ?? '';
    this.taken = this.at + m[0].length;
  }

  /** `[time: INFO/MainProcess] message` */
  private celery(): void {
    const m = /^: ([A-Z]{4,8})\/([^\]]{1,80})\]/.exec(this.line.slice(this.at, this.at + 100));
    if (!m) return;
    this.level = m[1] ?? '';
    this.thread = m[2] ?? '';
    this.at += m[0].length;
    this.taken = this.at;
  }

  private token(rest: string): boolean {
    const bracket = BRACKET.exec(rest);
    const isSession = this.level === '' && bracket !== null && rest[bracket[0].length] === '@';
    if (bracket && !isSession) return this.bracket(bracket[1] ?? '', bracket[0].length, rest);
    if (this.level === '') {
      const bare = BARE.exec(rest);
      if (bare) {
        this.level = bare[1] ?? bare[2] ?? '';
        return this.eat(bare[0].length + (rest[bare[0].length] === ':' ? 1 : 0));
      }
      const session = SESSION.exec(rest);
      if (session && BARE.test(rest.slice(session[0].length))) {
        this.session = session[1] ?? '';
        return this.eat(session[0].length);
      }
    } else if (BARE.test(rest) && this.start.layout === 'ruby') {
      return this.eat(BARE.exec(rest)?.[0].length ?? 0);
    }
    return this.separator(rest) || this.number(rest) || this.name(rest);
  }

  private separator(rest: string): boolean {
    const m = SEPARATOR.exec(rest) ?? (rest.startsWith('|') ? ['|'] : null);
    // Once the logger is known, what follows is the message.
    return m ? this.eat(m[0].length) : false;
  }

  private number(rest: string): boolean {
    const nginx = NGINX_PROCESS.exec(rest);
    if (nginx) {
      this.processId = nginx[1] ?? '';
      return this.eat(nginx[0].length);
    }
    const m = NUMBER.exec(rest);
    if (!m) return false;
    const after = rest.slice(m[0].length);
    if (/^\s+---\s/.test(after)) {
      this.processId = m[0];
      this.spring = true;
    } else if (this.level === '' && /^\s+\[/.test(after)) this.thread = m[0];
    else return false;
    return this.eat(m[0].length);
  }

  private bracket(text: string, length: number, rest: string): boolean {
    const level = IN_BRACKETS.exec(text);
    if (level && this.level === '') {
      this.level = level[2] ?? '';
      if (level[1] !== undefined) this.logger = level[1];
      return this.eat(length);
    }
    const process = /^(?:pid )?(\d{1,10})(?::tid \d{1,20})?$/.exec(text);
    if (process) {
      this.processId ||= process[1] ?? '';
      return this.eat(length);
    }
    const after = rest.slice(length);
    if (this.level !== '') {
      // A message may begin with brackets: behind a level they are a thread only before a logger.
      const joined = this.line[this.at - 1] === ']';
      const led = /^\s*(?:\[[^\]]{0,120}\]\s*){0,3}/.exec(after)?.[0].length ?? 0;
      const named = after.slice(led);
      const sure =
        joined || DOTTED.test(named) || (NAME.test(named) && led > 0) || /^(?::|--?)\s/.test(named);
      if (!sure && !NAME.test(named)) return false;
    }
    if (!this.put(text.trim())) return false;
    return this.eat(length);
  }

  /** What a bracket is; false where there is no place for it, and it stays in the text. */
  private put(text: string): boolean {
    // A trace is read from the whole line.
    if (/^[\w.-]*[0-9a-f]{16}[\w,-]*$/.test(text) || text === '') return true;
    if (this.logger === '' && /^[\w$]+(?:\.[\w$]+)+$/.test(text)) this.logger = text;
    else if (this.thread === '') this.thread = text;
    else if (this.spring && this.application === '') {
      this.application = this.thread;
      this.thread = text;
    } else return false;
    return true;
  }

  private name(rest: string): boolean {
    if (this.logger !== '') return false;
    const dotted = DOTTED.exec(rest);
    if (dotted && this.thread !== '' && this.level !== '') {
      this.logger = dotted[1] ?? '';
      return this.eat(dotted[0].length);
    }
    const m = NAME.exec(rest);
    if (!m) return false;
    const name = m[1] ?? '';
    const behind = rest.slice(m[0].length).trimStart();
    const isDotted = /[.:]/.test(name);
    const attached = m[3] === ':' && m[2] === '';
    const clear =
      this.level === ''
        ? BARE.test(behind) && m[3] !== ':'
        : isDotted ||
          (this.thread !== '' && !attached) ||
          this.start.layout === 'ruby' ||
          (m[3] === '|' && m[2] === '');
    if (!clear) return false;
    this.logger = name;
    return this.eat(m[0].length);
  }

  private eat(length: number): boolean {
    this.at += length;
    return length > 0;
  }
}
