import {
  LogTexts,
  RowSink,
  TimeReader,
  traceInText,
  withoutColours,
  type RawRecord,
  type ReadChoices,
  type RecordBlock,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { headerOf, type Header } from './header';
import { startOf, type LineStart } from './times';

/** Lines by which it is decided whether times stand behind other text. */
export const DECIDED_BY = 200;
/** A record that goes on for longer is cut; its further lines are dropped. */
const MAX_RECORD = 1 << 20;
const KEPT = 10_000;
const NOTHING: Attributes = {};

/** True where times stand behind other text on most lines, and before it on none. */
export function isPrefixed(lines: readonly string[]): boolean {
  const given = lines.filter((line) => line !== '').map(withoutColours);
  const behind = given.filter((line) => startOf(line, true)).length;
  return behind > 0 && behind >= given.length * 0.5 && !given.some((line) => startOf(line));
}

/** The first lines together, however they come in, so that `decide` sees the same of every file. */
export async function* decided(
  blocks: AsyncIterable<RecordBlock<string>>,
  decide: (lines: readonly string[]) => void,
): AsyncGenerator<RecordBlock<string>> {
  let first: RawRecord<string>[] | undefined = [];
  let malformed = 0;
  const open = (held: readonly RawRecord<string>[]): RecordBlock<string> => {
    decide(held.slice(0, DECIDED_BY).map(({ text }) => text));
    return { records: held, malformed };
  };
  for await (const block of blocks) {
    if (!first) {
      yield block;
      continue;
    }
    for (const record of block.records) first.push(record);
    malformed += block.malformed;
    if (first.length < DECIDED_BY) continue;
    yield open(first);
    first = undefined;
  }
  if (first) yield open(first);
}

interface Open {
  readonly ts: bigint;
  readonly start: LineStart;
  readonly line: string;
  /** Lines that go on with it. */
  readonly more: string[];
  length: number;
  /** Empty lines that count only where another line follows. */
  blank: number;
}

/** Makes a row of every line with a time and the lines without one that follow it. */
export class PlainReader {
  readonly sink = new RowSink();
  prefixed = false;
  private readonly times: TimeReader;
  private readonly texts = new LogTexts(this.sink.notices);
  private readonly resources = new Map<string, Attributes>();
  private open: Open | undefined;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  add(given: string): string {
    const line = withoutColours(given);
    if (line === '') {
      if (this.open) this.open.blank++;
      return '';
    }
    const start = startOf(line, this.prefixed);
    if (!start) return this.goOn(line);
    const ts = this.times.read(start.time);
    if (ts === undefined) return 'the time that the line begins with is none';
    this.end();
    this.open = { ts, start, line, more: [], length: line.length, blank: 0 };
    return '';
  }

  private goOn(line: string): string {
    const { open } = this;
    if (!open) return 'no time stands in the line or before it';
    open.length += line.length + open.blank + 1;
    if (open.length > MAX_RECORD) return 'the record that it goes on with is too long already';
    for (; open.blank > 0; open.blank--) open.more.push('');
    open.more.push(line);
    this.sink.notices.add(
      'lines-joined',
      'info',
      (n) =>
        `${n} lines have no time of their own (traces, further lines) and were joined to the record before them.`,
    );
    return '';
  }

  end(): void {
    if (this.open) this.row(this.open);
    this.open = undefined;
  }

  private row({ ts, start, line, more }: Open): void {
    const header = javaHeader(line, start, more) ?? headerOf(line, start);
    // The first line of a record may be empty, as Rails has it.
    const body = [header.message, ...more].join('\n').replace(/^\n+/, '');
    const text = this.texts.read(body, header.level);
    const { redactor } = this.texts;
    this.sink.log({
      ts,
      ...text,
      ...(text.traceId === '' ? traceInText(line) : {}),
      resource: this.resource(start.prefix, header.application),
      attributes: redactor.attributes(attributesOf(header)),
    });
  }

  /** `docker compose logs` begins lines with the container's name; Spring names its application. */
  private resource(prefix: string, application: string): Attributes {
    const container = /^([A-Za-z0-9][\w.-]{0,100})\s{0,60}\|/.exec(prefix)?.[1];
    if (container === undefined && application === '') return NOTHING;
    const key = `${container ?? ''}\n${application}`;
    let resource = this.resources.get(key);
    if (!resource) {
      const service = application === '' ? container?.replace(/[-_]\d+$/, '') : application;
      resource = {
        ...(service === undefined ? {} : { 'service.name': service }),
        ...(container === undefined ? {} : { 'container.name': container }),
      };
      if (this.resources.size >= KEPT) this.resources.clear();
      this.resources.set(key, resource);
    }
    return resource;
  }
}

const JAVA_LEVEL = /^(SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): ?/;

/** java.util.logging writes class and method behind the time, and level and message on the next line. */
function javaHeader(line: string, start: LineStart, more: string[]): Header | undefined {
  const m = start.layout === 'plain' && start.level === '' ? JAVA_LEVEL.exec(more[0] ?? '') : null;
  const source = line.slice(start.end).trim();
  if (!m || !/^\S{1,200}(?: \S{1,100})?$/.test(source)) return undefined;
  const message = (more.shift() ?? '').slice(m[0].length);
  const logger = source.split(' ')[0] ?? '';
  return {
    level: m[1] ?? '',
    thread: '',
    logger,
    processId: '',
    session: '',
    application: '',
    message,
  };
}

function attributesOf({ thread, logger, processId, session }: Header): Attributes {
  const out: Record<string, string> = {};
  if (thread !== '') out['thread.name'] = thread;
  // A logger is OpenTelemetry's instrumentation scope.
  if (logger !== '') out['otel.scope.name'] = logger;
  if (processId !== '') out['process.pid'] = processId;
  if (session !== '') {
    const [user = '', database = ''] = session.split('@');
    if (user !== '[unknown]') out['user.name'] = user;
    if (database !== '[unknown]') out['db.namespace'] = database;
  }
  return out;
}
