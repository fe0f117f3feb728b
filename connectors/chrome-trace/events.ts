import { hashHex } from '../../core/base';
import {
  Redactor,
  epochNs,
  jsonText,
  type JsonObject,
  type ReadChoices,
  type RowSink,
  type TimeUnit,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { eventOf, type TraceEvent } from './event';
import { Nesting, type Placed } from './slices';
import type { Clock, Survey } from './survey';

interface Begun {
  readonly event: TraceEvent;
  readonly spanId: string;
}

interface OpenAsync extends Begun {
  readonly parent: string;
}

const INTERNAL = 1;
const UNFINISHED = { 'trace_event.unfinished': 'true' };

/** Rows of trace events: slices and async spans as spans, instants as log records, counters as samples. */
export class TraceRows {
  private readonly redactor: Redactor;
  private readonly nesting: Nesting;
  private readonly resources = new Map<string, Attributes>();
  private readonly traces = new Map<string, string>();
  private readonly begun = new Map<string, Begun[]>();
  private readonly async = new Map<string, OpenAsync[]>();
  private readonly flows = new Map<string, Placed>();
  private readonly unit: TimeUnit;
  /** Nanoseconds in a unit. */
  private readonly scale: bigint;
  private count = 0;

  constructor(
    private readonly sink: RowSink,
    private readonly survey: Survey,
    private readonly clock: Clock,
    choices: ReadChoices | undefined,
  ) {
    this.redactor = new Redactor(sink.notices);
    this.nesting = new Nesting(sink);
    this.unit = choices?.timeUnit ?? 'µs';
    this.scale = epochNs(1, this.unit) ?? 1000n;
  }

  /** Why the event can't be taken, or ''. */
  add(value: unknown): string {
    this.count++;
    const event = eventOf(value);
    if (!event) return 'it is no event: "ph" is missing';
    if (event.ph === 'M') return '';
    if (!Number.isFinite(event.ts)) return 'the event has no time';
    switch (event.ph) {
      case 'X':
        return this.complete(event);
      case 'B':
        push(this.begun, threadOf(event), { event, spanId: this.spanId() });
        return '';
      case 'E':
        return this.ended(event);
      case 'b':
      case 'S':
        return this.asyncBegin(event);
      case 'e':
      case 'F':
        return this.asyncEnd(event);
      case 'n':
      case 'T':
      case 'p':
        return this.instant(event, this.async.get(event.id)?.at(-1)?.spanId ?? '');
      case 'i':
      case 'I':
      case 'R':
        return this.instant(event);
      case 'C':
        return this.counter(event);
      case 's':
      case 't':
      case 'f':
        return this.flow(event);
      default:
        return `events of the kind "${event.ph}" have no place here`;
    }
  }

  /** What began and did not end lasts until the end of the trace. */
  end(): void {
    for (const open of this.begun.values()) {
      for (const one of open) this.slice(one, this.survey.last, one.event.args, UNFINISHED);
    }
    for (const open of this.async.values()) {
      for (const one of open) this.asyncSpan(one, this.survey.last, {}, UNFINISHED);
    }
    this.nesting.end();
    const { late } = this.nesting;
    if (late === 0) return;
    this.sink.notices.add(
      'events-late',
      'warning',
      (n) => `${n} events stand long after later ones; their parents may be missing.`,
      late,
    );
  }

  private complete(event: TraceEvent): string {
    if (event.dur < 0) return 'the duration is negative';
    const end = event.ts + (event.dur > 0 ? event.dur : 0);
    const one = { event, spanId: this.spanId() };
    this.slice(one, end, event.args, Number.isNaN(event.dur) ? UNFINISHED : {});
    return '';
  }

  private ended(event: TraceEvent): string {
    const begin = this.begun.get(threadOf(event))?.pop();
    if (!begin) return 'it ends what did not begin';
    if (event.ts < begin.event.ts) return 'it ends before it begins';
    this.slice(begin, event.ts, { ...begin.event.args, ...event.args }, {});
    return '';
  }

  private slice({ event, spanId }: Begun, end: number, args: JsonObject, more: Attributes): void {
    if (more === UNFINISHED) this.noteUnfinished();
    const start = this.time(event);
    this.nesting.add({
      kind: 'slice',
      thread: threadOf(event),
      ts: event.ts,
      end,
      spanId,
      row: {
        traceId: this.traceId(event.pid),
        name: this.redactor.text(event.name),
        kind: INTERNAL,
        start,
        duration: this.span(event.ts, end),
        resource: this.resource(event.pid),
        attributes: { ...this.attributes(event, args), ...more },
      },
    });
  }

  private asyncBegin(event: TraceEvent): string {
    if (event.id === '') return 'an async event without an id';
    const parent = this.async.get(event.id)?.at(-1)?.spanId ?? '';
    push(this.async, event.id, { event, parent, spanId: this.spanId() });
    return '';
  }

  private asyncEnd(event: TraceEvent): string {
    const open = this.async.get(event.id);
    const one = open?.pop();
    if (!open || !one) return 'it ends what did not begin';
    if (open.length === 0) this.async.delete(event.id);
    if (event.ts < one.event.ts) return 'it ends before it begins';
    this.asyncSpan(one, event.ts, event.args, {});
    return '';
  }

  private asyncSpan(
    { event, spanId, parent }: OpenAsync,
    end: number,
    args: JsonObject,
    more: Attributes,
  ): void {
    if (more === UNFINISHED) this.noteUnfinished();
    this.sink.span({
      traceId: this.traceId(event.pid),
      spanId,
      parentSpanId: parent,
      name: this.redactor.text(event.name),
      kind: INTERNAL,
      start: this.time(event),
      duration: this.span(event.ts, end),
      resource: this.resource(event.pid),
      attributes: { ...this.attributes(event, { ...event.args, ...args }), ...more },
    });
  }

  private noteUnfinished(): void {
    this.sink.notices.add(
      'spans-unfinished',
      'warning',
      (n) => `${n} spans have no end; they last until the end of the trace, or have no duration.`,
    );
  }

  /** A log record in the span around it. */
  private instant(event: TraceEvent, spanId?: string): string {
    const row = {
      ts: this.time(event),
      body: this.redactor.text(event.name),
      traceId: this.traceId(event.pid),
      resource: this.resource(event.pid),
      attributes: this.attributes(event, event.args),
    };
    if (spanId !== undefined) this.sink.log({ ...row, spanId });
    else {
      this.nesting.add({
        kind: 'mark',
        thread: threadOf(event),
        ts: event.ts,
        orNext: false,
        bind: (slice) => this.sink.log({ ...row, spanId: slice?.spanId ?? '' }),
      });
    }
    return '';
  }

  /** Each argument of a counter is a series. */
  private counter(event: TraceEvent): string {
    const values = Object.entries(event.args).filter(([, value]) => typeof value === 'number');
    if (values.length === 0) return 'the counter has no number';
    for (const [series, value] of values) {
      const id = this.sink.series({
        metric: event.name,
        kind: 'gauge',
        resource: this.resource(event.pid),
        labels: { series, ...(event.id === '' ? {} : { id: event.id.trim() }) },
      });
      this.sink.sample(id, this.time(event), Number(value));
    }
    return '';
  }

  /** A flow goes from slice to slice: each has a link to the one before it. */
  private flow(event: TraceEvent): string {
    const key = `${event.name} ${event.id}`;
    const { ph } = event;
    this.nesting.add({
      kind: 'mark',
      thread: threadOf(event),
      ts: event.ts,
      orNext: ph === 'f' && event.bp !== 'e',
      bind: (slice) => {
        const from = this.flows.get(key);
        if (ph === 'f') this.flows.delete(key);
        else if (slice) this.flows.set(key, slice);
        if (slice && from) {
          const attributes = { 'link.reason': 'flow', 'flow.name': event.name };
          slice.links.push({ traceId: from.traceId, spanId: from.spanId, attributes });
        }
        if (slice && (from || ph === 's')) return;
        this.sink.notices.add(
          'flows-without-slice',
          'info',
          (n) => `${n} flow events have no slice around them or no beginning, and make no link.`,
        );
      },
    });
    return '';
  }

  private attributes(event: TraceEvent, args: JsonObject): Attributes {
    const out: Record<string, string> = {};
    if (event.cat !== '') out['trace_event.category'] = event.cat;
    const thread = this.survey.threads.get(threadOf(event));
    if (event.tid !== '') out['thread.id'] = event.tid;
    if (thread !== undefined) out['thread.name'] = thread;
    for (const [key, value] of Object.entries(args)) {
      out[`args.${key}`] = jsonText(this.redactor.value(value, key));
    }
    return out;
  }

  private resource(pid: string): Attributes {
    let resource = this.resources.get(pid);
    if (!resource) {
      const name = this.survey.processes.get(pid);
      if (name === undefined) {
        this.sink.notices.add(
          'service-from-pid',
          'info',
          (n) => `${n} processes have no name; their number stands for it.`,
        );
      }
      resource = { 'service.name': name ?? `process ${pid}`, 'process.pid': pid };
      this.resources.set(pid, resource);
    }
    return resource;
  }

  /** Of the event's number in the file: the same in every reading, also of a file that was cut. */
  private spanId(): string {
    return hashHex(`${this.survey.seed} ${this.clock.offset} span ${this.count}`);
  }

  /** All spans of a process are one trace. */
  private traceId(pid: string): string {
    let id = this.traces.get(pid);
    if (id === undefined) {
      const { seed } = this.survey;
      const at = `${this.clock.offset}`;
      id = hashHex(`${seed} ${at} ${pid}`) + hashHex(`${pid} ${at} ${seed}`);
      this.traces.set(pid, id);
    }
    return id;
  }

  private time({ rawTs, ts }: TraceEvent): bigint {
    const exact = epochNs(rawTs, this.unit) ?? BigInt(Math.round(ts)) * this.scale;
    return exact + this.clock.offset;
  }

  private span(from: number, to: number): bigint {
    return BigInt(Math.round(Math.max(0, to - from) * Number(this.scale)));
  }
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid}/${tid}`;
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
