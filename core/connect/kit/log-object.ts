import type { Attributes } from '../../model';
import type { ReadChoices } from '../format';
import { isJsonObject, jsonText, type JsonObject } from '../import-json';
import { FieldsUsed } from './fields-used';
import { isInstead, logRoleOf, logShapeOf, resourceNameOf, type FieldRole } from './log-fields';
import { parseExact } from './json-exact';
import { levelOf, type Level } from './log-level';
import { renderTemplate } from './log-template';
import { Redactor } from './redact';
import type { RowSink } from './rows';
import { levelInText, severityOfWord } from './severity';
import { TimeReader, epochNs } from './times';
import { spanIdOf, traceIdOf, traceparentOf } from './trace-ids';
import { traceInText } from './trace-text';

/** Ids in a text stand before this. */
const LOOKED_AT = 4096;
/** A body made of a whole record is cut here. */
const BODY_MAX = 4000;
/** What a field's order is raised by where another record stands before it. */
const BEHIND = 1000;
/** Objects in one another beyond this are one attribute, as JSON. */
const DEPTH = 12;

/** What is known of a record beside its fields, e.g. from the line that it stands on. */
export interface LogEnvelope {
  /** Goes before what the fields say. */
  readonly ts?: bigint;
  /** Goes behind what the fields say. */
  readonly resource?: Attributes;
  readonly attributes?: Attributes;
}

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  readonly of: FieldRole;
  /** The lowest that can be read is taken. */
  readonly order: number;
}

type Candidates = Readonly<Record<FieldRole['role'], Leaf[]>>;

/**
 * Log records that are JSON objects of unknown make: time, level, message, trace and resource are found by
 * the names that loggers give them, the rest are attributes. A notice says which fields were taken; secrets
 * are taken out.
 */
export class LogObjects {
  readonly redactor: Redactor;
  private readonly times: TimeReader;
  private readonly roles = new Map<string, FieldRole | null>();
  private readonly used = new FieldsUsed();
  private readonly resources = new Map<string, Attributes>();

  constructor(
    private readonly sink: RowSink,
    private readonly choices: ReadChoices = {},
  ) {
    this.redactor = new Redactor(sink.notices);
    this.times = new TimeReader(sink.notices, choices);
  }

  /** Puts the record into the sink, or says why it can't be taken; '' where it was. */
  add(doc: JsonObject, envelope: LogEnvelope = {}): string {
    try {
      return this.record(doc, envelope);
    } catch (error) {
      if (error instanceof RangeError) return 'it is nested too deeply';
      throw error;
    }
  }

  private record(doc: JsonObject, { ts: given, resource, attributes = {} }: LogEnvelope): string {
    const found: Candidates = {
      time: [],
      observed: [],
      level: [],
      message: [],
      trace: [],
      span: [],
      context: [],
      resource: [],
    };
    const rest: Record<string, string> = { ...attributes };
    this.sort(doc, found, rest);
    const ts = given ?? this.timeIn(found.time, rest);
    if (ts === undefined) {
      return found.time.length > 0 ? 'its time is none that is known' : 'the record has no time';
    }
    if (given !== undefined) this.leave(found.time, rest);
    const observedTs = this.timeIn(found.observed, rest, false);
    const stated = this.level(doc, found.level, rest);
    const own = this.traced(found, rest);
    const body = this.body(doc, found.message, rest).replace(/\r?\n$/, '');
    const named = own.traceId === '' ? traceInText(body.slice(0, LOOKED_AT)) : own;
    const level = stated ?? this.levelIn(body);
    this.sink.log({
      ts,
      ...(observedTs === undefined ? {} : { observedTs }),
      severity: level.severity,
      severityText: level.text,
      body,
      traceId: named.traceId,
      spanId: named.spanId === '' ? own.spanId : named.spanId,
      resource: this.resource(found.resource, rest, resource, level.numbered),
      attributes: this.redactor.attributes(rest),
    });
    this.sink.notices.add('fields-chosen', 'info', () => this.used.said());
    return '';
  }

  /** The fields of a record, and before them those of the record that its message may be. */
  private sort(doc: JsonObject, found: Candidates, rest: Record<string, string>): void {
    const inner = innerOf(doc);
    if (!inner) {
      this.leaves(doc, '', 0, found, rest);
      return;
    }
    const { key, text, record, message } = inner;
    const { [key]: _, ...outer } = doc;
    this.leaves(outer, '', 0, found, rest, BEHIND);
    this.leaves(record, '', 0, found, rest);
    if (!message) {
      const of: FieldRole = { role: 'message', rank: 0 };
      found.message.push({ path: key, value: text, of, order: 0 });
    }
    this.sink.notices.add(
      'message-is-json',
      'info',
      (n) =>
        `${n} messages are JSON of their own; their fields were taken before those around them.`,
    );
  }

  /** Sorts a record's fields into candidates for roles and attributes. */
  private leaves(
    object: JsonObject,
    prefix: string,
    depth: number,
    found: Candidates,
    rest: Record<string, string>,
    behind = 0,
  ): void {
    for (const key in object) {
      const value = object[key];
      if (value === null || value === undefined) continue;
      const path = prefix + key;
      const of = this.roleOf(path);
      const time = of?.role === 'time' || of?.role === 'observed' ? splitTime(value) : undefined;
      if (isJsonObject(value) && time === undefined) {
        if (depth < DEPTH) this.leaves(value, `${path}.`, depth + 1, found, rest, behind);
        else rest[path] = this.text(path, value);
      } else if (of)
        found[of.role].push({ path, value: time ?? value, of, order: of.rank + behind });
      else rest[path] = this.text(path, value);
    }
  }

  private roleOf(path: string): FieldRole | undefined {
    let role = this.roles.get(path);
    if (role === undefined) {
      role = logRoleOf(path) ?? null;
      if (this.roles.size > 50_000) this.roles.clear();
      this.roles.set(path, role);
    }
    return role ?? undefined;
  }

  private text(path: string, value: unknown): string {
    return typeof value === 'object' ? jsonText(this.redactor.value(value, path)) : jsonText(value);
  }

  /** The first candidate that can be read; what was not taken is an attribute. */
  private first<T>(
    candidates: Leaf[],
    rest: Record<string, string>,
    read: (leaf: Leaf) => T | undefined,
  ): T | undefined {
    if (candidates.length > 1) candidates.sort((a, b) => a.order - b.order);
    let taken: T | undefined;
    for (const leaf of candidates) {
      if (taken === undefined) {
        taken = read(leaf);
        if (taken !== undefined) {
          this.used.add(leaf.of.as ?? leaf.of.role, leaf.path);
          if (!isInstead(leaf.of)) continue;
        }
      }
      rest[leaf.path] = this.text(leaf.path, leaf.value);
    }
    return taken;
  }

  private leave(candidates: readonly Leaf[], rest: Record<string, string>): void {
    for (const { path, value } of candidates) rest[path] = this.text(path, value);
  }

  private timeIn(
    candidates: Leaf[],
    rest: Record<string, string>,
    guess = true,
  ): bigint | undefined {
    return this.first(candidates, rest, ({ value, of }) => {
      if (typeof value === 'bigint') return value;
      if (of.unit && this.choices.timeUnit === undefined) {
        const known = epochNs(value, of.unit);
        if (known !== undefined) return known;
      }
      return guess || typeof value === 'string' ? this.times.read(value) : undefined;
    });
  }

  private level(
    doc: JsonObject,
    candidates: Leaf[],
    rest: Record<string, string>,
  ): Level | undefined {
    const level = this.first(candidates, rest, ({ path, value }) => levelOf(path, value));
    if (level?.guessed) {
      this.sink.notices.add(
        'level-numbers',
        'info',
        (n) =>
          `${n} levels are numbers; 10 to 60 were read as pino and bunyan write them (30 info, 50 error), 0 to 7 as syslog.`,
      );
    }
    if (level) return level;
    // CLEF leaves the level out where it is Information.
    return typeof doc['@t'] === 'string' ? { severity: 9, text: 'Information' } : undefined;
  }

  private levelIn(body: string): Level {
    const text = levelInText(body);
    if (text !== '') {
      this.sink.notices.add(
        'severity-from-text',
        'info',
        (n) => `${n} records give their level only in their text; it was taken from there.`,
      );
    }
    return { text, severity: severityOfWord(text) };
  }

  private traced({ trace, span, context }: Candidates, rest: Record<string, string>) {
    const parent = this.first(context, rest, ({ value }) => traceparentOf(value));
    const decimal = (path: string): boolean => /^(?:dd|datadog)\.|\.dd\./.test(path);
    const own = this.first(
      trace,
      rest,
      ({ path, value }) => traceIdOf(value, decimal(path)) || undefined,
    );
    const spanId = this.first(
      span,
      rest,
      ({ path, value }) => spanIdOf(value, decimal(path)) || undefined,
    );
    const traceId = own ?? parent?.traceId ?? '';
    return { traceId, spanId: spanId ?? (own === undefined ? (parent?.spanId ?? '') : '') };
  }

  private body(doc: JsonObject, candidates: Leaf[], rest: Record<string, string>): string {
    const template = doc['@mt'] ?? doc['MessageTemplate'];
    if (typeof template === 'string' && !candidates.some(({ of }) => !isInstead(of))) {
      const { Properties: properties } = doc;
      this.used.add('message', doc['@mt'] ? '@mt' : 'MessageTemplate');
      this.leave(candidates, rest);
      const rendered = renderTemplate(
        template,
        this.clean(isJsonObject(properties) ? properties : doc),
        doc['@r'],
      );
      return this.redactor.text(rendered);
    }
    const message = this.first(candidates, rest, ({ value }) =>
      typeof value === 'object' ? undefined : jsonText(value),
    );
    if (message !== undefined) return this.redactor.text(message);
    this.sink.notices.add(
      'body-from-document',
      'info',
      (n) => `${n} records have no message; the record stands in its place.`,
    );
    return this.redactor.text(JSON.stringify(this.clean(doc)).slice(0, BODY_MAX));
  }

  private clean(doc: JsonObject): JsonObject {
    const clean = this.redactor.value(doc);
    return isJsonObject(clean) ? clean : {};
  }

  private resource(
    candidates: Leaf[],
    rest: Record<string, string>,
    given: Attributes | undefined,
    numbered = false,
  ): Attributes {
    const out: Record<string, string> = { ...given };
    if (candidates.length > 1) candidates.sort((a, b) => a.order - b.order);
    const own = new Set<string>();
    for (const leaf of candidates) {
      const { path, value, of } = leaf;
      const as = of.as ?? path;
      if (typeof value === 'object' || value === '' || own.has(as)) {
        rest[path] = this.text(path, value);
        continue;
      }
      own.add(as);
      out[as] = jsonText(value);
      this.used.add(leaf.of.as ?? leaf.of.role, leaf.path);
    }
    for (const path in rest) {
      const name = resourceNameOf(path);
      if (name === undefined) continue;
      out[name] ??= rest[path] ?? '';
      delete rest[path];
    }
    this.named(out, rest, numbered);
    const clean = this.redactor.attributes(out);
    const key = JSON.stringify(clean);
    let known = this.resources.get(key);
    if (!known) {
      if (this.resources.size > 10_000) this.resources.clear();
      this.resources.set(key, (known = clean));
    }
    return known;
  }

  /** bunyan and pino call a logger, that is the program, `name`; a container stands for what runs in it. */
  private named(
    out: Record<string, string>,
    rest: Record<string, string>,
    numbered: boolean,
  ): void {
    if (out['service.name'] !== undefined) return;
    const { name, pid } = rest;
    const container = out['k8s.container.name'];
    if (numbered && name && (pid !== undefined || out['host.name'] !== undefined)) {
      out['service.name'] = name;
      delete rest['name'];
      this.used.add('service.name', 'name');
    } else if (container) {
      out['service.name'] = container;
      this.used.add('service.name', 'the container');
    }
  }
}

const MESSAGES = ['message', 'log', 'msg', 'MESSAGE', 'line'] as const;

interface Inner {
  readonly key: string;
  readonly text: string;
  readonly record: JsonObject;
  /** True where it has a message of its own. */
  readonly message: boolean;
}

/** The application's own record, where a shipper carries it as the text of a message. */
function innerOf(doc: JsonObject): Inner | undefined {
  for (const key of MESSAGES) {
    const text = doc[key];
    if (typeof text !== 'string' || !text.startsWith('{')) continue;
    try {
      const record = parseExact(text);
      if (!isJsonObject(record)) continue;
      const { time, level, message } = logShapeOf(record);
      if (message || (time && level)) return { key, text, record, message };
    } catch {
      // A text that begins with a brace.
    }
  }
  return undefined;
}

/** Times in two numbers: Google's {seconds, nanos} and Log4j's {epochSecond, nanoOfSecond}. */
function splitTime(value: unknown): bigint | undefined {
  if (!isJsonObject(value)) return undefined;
  const seconds = epochNs(value['epochSecond'] ?? value['seconds'], 's');
  const nanos = value['nanoOfSecond'] ?? value['nanos'] ?? 0;
  if (seconds === undefined || typeof nanos !== 'number' || !Number.isSafeInteger(nanos)) {
    return undefined;
  }
  return seconds + BigInt(nanos);
}
