import {
  REDACTED,
  Redactor,
  RowSink,
  TimeReader,
  readRecords,
  shareOfLines,
  textLines,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { parseAccess, type AccessLine } from './line';
import { queryWithoutSecrets } from './secrets';

/** Access logs of Apache and nginx: common, combined, with the virtual host, and with further fields. */
export const accessLog: FileFormat = {
  id: 'access-log',
  title: 'Access log (Apache, nginx)',
  tables: ['resources', 'logs'],
  sniff,
  describe: () => ({
    signals: ['logs'],
    time: 'text',
    zone: 'stated',
    clock: 'the web server, when a request began (Apache) or ended (nginx)',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (line) => reader.add(line),
    });
  },
};

const TIME = /^\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

function sniff(head: Head): { confidence: number; why: string } {
  const share = shareOfLines(head, (line) => TIME.test(parseAccess(line)?.time ?? ''));
  if (share < 0.7) return { confidence: 0, why: '' };
  return {
    confidence: 0.96,
    why: 'Lines of client, time in brackets, request in quotes, status and bytes.',
  };
}

const RESOURCE: Attributes = {};
const SERVER_ERROR = 17;
const INFO = 9;
const REQUEST = /^([A-Za-z]{1,40}) (\S+)(?: HTTP\/(\d(?:\.\d)?))?$/;

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly redactor = new Redactor(this.sink.notices);

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(line: string): string {
    const access = parseAccess(line);
    if (!access) return 'the line is no request of an access log';
    const ts = this.times.read(access.time);
    if (ts === undefined) return 'the line has no time';
    const { notices } = this.sink;
    if (access.rest !== '') {
      notices.add(
        'fields-unnamed',
        'info',
        (n) =>
          `${n} lines have fields behind the usual ones; the log doesn't say what they are. They stand in access_log.rest.`,
      );
    }
    const status = Number(access.status);
    if (status >= 500) {
      notices.add(
        'severity-from-status',
        'info',
        (n) =>
          `${n} requests with a status of 500 and above are errors; the others are information.`,
      );
    }
    // What a client sent is no request where it speaks another protocol.
    const request = this.clean(access.request);
    this.sink.log({
      ts,
      body: request === '' ? '-' : request,
      severity: status === 0 ? 0 : status >= 500 ? SERVER_ERROR : INFO,
      resource: RESOURCE,
      attributes: this.attributes(access, request),
    });
    return '';
  }

  private attributes(access: AccessLine, request: string): Attributes {
    const out: Record<string, string> = {};
    const set = (name: string, value: string | undefined): void => {
      if (value !== undefined && value !== '') out[name] = value;
    };
    const m = REQUEST.exec(request);
    if (m) {
      const [path, query] = split(m[2] ?? '', '?');
      set('http.request.method', m[1]);
      set('url.path', path);
      set('url.query', query);
      set('network.protocol.version', m[3]);
    }
    set('http.response.status_code', access.status);
    set('http.response.body.size', access.bytes);
    set('client.address', access.client);
    set('user.name', access.user);
    set('http.request.header.referer', this.clean(access.referer ?? ''));
    set('user_agent.original', this.redactor.text(access.userAgent ?? ''));
    set('access_log.rest', this.clean(access.rest));
    const port = /:(\d{1,5})$/.exec(access.host);
    set('server.address', port ? access.host.slice(0, port.index) : access.host);
    set('server.port', port?.[1]);
    return out;
  }

  private clean(address: string): string {
    // The protocol behind the address is no part of the last parameter.
    const http = / HTTP\/\S+$/.exec(address)?.[0] ?? '';
    const { text, count } = queryWithoutSecrets(address.slice(0, address.length - http.length));
    if (count > 0) {
      this.sink.notices.add(
        'secrets-redacted',
        'info',
        (n) =>
          `${n} values look like secrets (passwords, tokens, keys); ${REDACTED} stands for them.`,
        count,
      );
    }
    return this.redactor.text(text + http);
  }
}

function split(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
