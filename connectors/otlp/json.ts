import type { Signal } from '../../core/model';
import { SCOPES, SIGNAL_OF_KEY, WRAPPERS, isSnake, otlpKeys } from './dialects';
import { JsonCursor, JsonError, detached } from './json-cursor';
import { metricsFromJson } from './json-metrics';
import { JsonRecords } from './json-records';
import { JsonValues } from './json-values';
import type { OtlpRows } from './rows';
import { scopeAttributes } from './scope';
import { AttributeStage } from './stages';

const RESOURCES_CACHED = 10_000;

export const NO_OTLP = 'an object without resourceSpans, resourceLogs or resourceMetrics';

/**
 * Reads OTLP in its JSON encoding (a line of the Collector's file exporter, a body of OTLP/HTTP) straight
 * into columns. Where the text breaks off, the records before the break are kept and the rest is one
 * dropped record.
 */
export class JsonDecoder {
  private readonly cursor = new JsonCursor();
  private readonly values = new JsonValues(this.cursor);
  private readonly read = new JsonRecords(this.cursor, this.values);
  private readonly loose = new AttributeStage();
  private readonly resources = new Map<string, bigint>();
  private resourceId = 0n;
  private signal: Signal = 'spans';
  private index = 0;
  /** Whether the text has a key of OTLP at all. */
  private found = false;

  constructor(private readonly rows: OtlpRows) {}

  /** The signal that was read last. */
  get about(): Signal {
    return this.signal;
  }

  /**
   * One JSON value (with `several` any number, one after the other): an object with resourceSpans, …Logs or
   * …Metrics, or an array of such. Returns why it could not be read to its end, or ''; that has been counted
   * as a dropped record.
   */
  decode(text: string, from: number, to: number, several = false): string {
    const { cursor } = this;
    this.found = false;
    return this.attempt(text, from, to, () => {
      do {
        this.found = false;
        const at = cursor.pos;
        if (cursor.peek() === 91) {
          for (let more = cursor.openArray(); more; more = cursor.item()) this.topLevel();
        } else this.topLevel();
        if (!several && cursor.peek() !== -1) {
          throw cursor.error('there is more after the end of the object');
        }
        if (!this.found) {
          this.rows.drop(this.signal, 0, text.slice(at, cursor.pos), NO_OTLP);
          if (!several) return NO_OTLP;
        }
      } while (cursor.peek() !== -1);
      return '';
    });
  }

  /** One ResourceSpans, ResourceLogs or ResourceMetrics, an element of the list with this key. */
  element(text: string, key: string): string {
    this.signal = SIGNAL_OF_KEY[key] ?? 'spans';
    this.found = true;
    return this.attempt(text, 0, text.length, () => {
      this.item(key);
      return '';
    });
  }

  private attempt(text: string, from: number, to: number, read: () => string): string {
    const { cursor } = this;
    cursor.reset(text, from, to);
    this.index = 0;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (!this.found) this.signal = guessSignal(text.slice(from, from + 200)) ?? this.signal;
      const near = text.slice(Math.max(from, error.at - 60), Math.min(to, error.at + 100));
      const reason = `not valid JSON at column ${error.at - from + 1}: ${error.message}`;
      this.rows.drop(this.signal, this.index, near, reason);
      return reason;
    } finally {
      if (cursor.rounded > 0) this.noteRounded();
      if (this.values.unknown > 0) this.noteUnknown();
    }
  }

  private noteRounded(): void {
    this.rows.notices.add(
      'times-rounded',
      'warning',
      (n) => `${n} times are written with an exponent: a tool rounded them to 256 ns or less.`,
      this.cursor.rounded,
    );
    this.cursor.rounded = 0;
  }

  private noteUnknown(): void {
    this.rows.notices.add(
      'enumeration-unknown',
      'warning',
      (n) => `${n} span kinds or status codes are none of OpenTelemetry's and were left unset.`,
      this.values.unknown,
    );
    this.values.unknown = 0;
  }

  private topLevel(): void {
    const { cursor } = this;
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      const signal = SIGNAL_OF_KEY[key];
      if (!signal) {
        if (WRAPPERS.has(key) && cursor.peek() === 123) this.topLevel();
        else cursor.skip();
        continue;
      }
      this.signal = signal;
      this.found = true;
      for (let more = cursor.openArray(); more; more = cursor.item()) this.item(key);
    }
  }

  private item(key: string): void {
    if (this.signal === 'samples') this.resourceMetrics(isSnake(key));
    else this.resourceItem();
  }

  private resourceMetrics(snake: boolean): void {
    const { cursor, rows } = this;
    const from = cursor.skip();
    this.index = metricsFromJson(cursor.text.slice(from, cursor.pos), this.index, rows, snake);
  }

  /** A ResourceSpans or ResourceLogs. The resource may come after what belongs to it. */
  private resourceItem(): void {
    const { cursor } = this;
    const waiting: number[] = [];
    let known = false;
    this.resourceId = -1n;
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'resource') {
        this.resourceId = this.resource();
        known = true;
      } else if (SCOPES.has(key)) {
        if (known) this.scopes();
        else waiting.push(cursor.skip());
      } else cursor.skip();
    }
    if (waiting.length === 0) return;
    if (!known) this.resourceId = this.rows.resource({});
    const end = cursor.pos;
    for (const at of waiting) {
      cursor.seek(at);
      this.scopes();
    }
    cursor.seek(end);
  }

  /** Resources repeat from line to line: equal texts are read once. */
  private resource(): bigint {
    const { cursor, loose } = this;
    const from = cursor.skip();
    const end = cursor.pos;
    const raw = cursor.text.slice(from, end);
    const known = this.resources.get(raw);
    if (known !== undefined) return known;
    cursor.seek(from);
    loose.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'attributes') this.values.attributes(loose);
      else cursor.skip();
    }
    const id = this.rows.resource(loose.record());
    if (this.resources.size >= RESOURCES_CACHED) this.resources.clear();
    this.resources.set(detached(raw), id);
    return id;
  }

  private scopes(): void {
    const { cursor } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) this.scopeItem();
  }

  /** A ScopeSpans or ScopeLogs. */
  private scopeItem(): void {
    const { cursor } = this;
    const waiting: [string, number][] = [];
    let known = false;
    this.rows.setScope([]);
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (SCOPE.has(key)) {
        this.scope();
        known = true;
      } else if (key === 'spans' || LOG_RECORDS.has(key)) {
        if (known) this.records(key);
        else waiting.push([key, cursor.skip()]);
      } else cursor.skip();
    }
    const end = cursor.pos;
    for (const [key, at] of waiting) {
      cursor.seek(at);
      this.records(key);
    }
    cursor.seek(end);
  }

  private scope(): void {
    const { cursor, loose } = this;
    let name = '';
    let version = '';
    loose.clear();
    for (let key = cursor.open(); key !== null; key = cursor.next()) {
      if (key === 'name') name = cursor.string();
      else if (key === 'version') version = cursor.string();
      else if (key === 'attributes') this.values.attributes(loose);
      else cursor.skip();
    }
    this.rows.setScope(scopeAttributes(name, version, loose));
  }

  private records(key: string): void {
    const { cursor, rows, read } = this;
    for (let more = cursor.openArray(); more; more = cursor.item()) {
      const from = cursor.pos;
      this.index++;
      let reason: string;
      if (key === 'spans') {
        read.readSpan();
        reason = rows.span(read.span, this.resourceId);
      } else {
        read.readLog();
        reason = rows.log(read.log, this.resourceId);
      }
      if (!reason) continue;
      const text = cursor.text.slice(from, cursor.pos);
      const at = key === 'spans' ? read.span.start : read.log.ts;
      rows.drop(this.signal, this.index, text, reason, { at, resource: this.resourceId });
    }
  }
}

const SCOPE: ReadonlySet<string> = new Set([
  'scope',
  'instrumentationLibrary',
  'instrumentation_library',
]);
const LOG_RECORDS: ReadonlySet<string> = new Set(['logRecords', 'log_records', 'logs']);

function guessSignal(head: string): Signal | undefined {
  const [first] = otlpKeys(head);
  return first === undefined ? undefined : SIGNAL_OF_KEY[first.key];
}
