import { FaultlineError, formatRfc3339 } from '../../core/base';
import { traceAnswer, type JaegerSpan, type JaegerTrace, type RawTrace } from './answers';
import type { JaegerClient, Micros, TracePage } from './client';
import { faultOf, hasFailed, traceIdOf } from './rows';
import type { Tally } from './tally';

/** A service whose traces of a stretch of time were not to be had. */
export interface Gap {
  readonly service: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** What is asked for; the same before and after a pull is resumed. */
export interface Scope {
  readonly services: readonly string[];
  /** Disjoint, in order. */
  readonly windows: readonly Micros[];
  /** Traces a query may bring; more make its slice shorter. */
  readonly limit: number;
}

export interface Found {
  readonly id: string;
  readonly trace: JaegerTrace;
  /** Usable spans that start inside the windows. */
  readonly spans: readonly JaegerSpan[];
  readonly failed: boolean;
  readonly home: bigint;
}

/** Where even this many microseconds hold more traces than the limit, the limit is raised. */
const SHORTEST = 1000n;
const RAISES = [4, 16];

const inside = (at: bigint, { from, to }: Micros): boolean => at >= from && at < to;

/**
 * The traces at home in a slice. A trace is found through every service that takes part in it and in
 * every slice in which one does; its home is where the earliest span of a selected service in the windows
 * starts, so it comes once however the time is cut.
 */
export class Collector {
  constructor(
    private readonly client: JaegerClient,
    private readonly scope: Scope,
    private readonly gaps: Gap[],
    private readonly tally: Tally,
  ) {}

  async collect(slice: Micros, signal: AbortSignal): Promise<readonly Found[]> {
    const traces = new Map<string, JaegerTrace | undefined>();
    for (const service of this.scope.services) {
      try {
        for await (const page of this.pages(service, slice, signal)) this.take(page, traces);
      } catch (error) {
        this.miss(service, slice, error);
      }
    }
    const found: Found[] = [];
    for (const [id, trace] of traces) {
      if (!trace) continue;
      const home = this.homeOf(trace);
      if (home === undefined || !inside(home, slice)) continue;
      found.push({ id, trace, home, ...this.usable(trace) });
    }
    return found.sort((a, b) =>
      a.home === b.home ? (a.id < b.id ? -1 : 1) : a.home < b.home ? -1 : 1,
    );
  }

  private take(page: TracePage, traces: Map<string, JaegerTrace | undefined>): void {
    this.tally.add('traces-failed', page.failures[0], page.failures.length);
    for (const raw of page.traces) {
      const id = traceIdOf(raw.traceID);
      if (!traces.has(id)) traces.set(id, this.parse(raw));
    }
  }

  private parse(raw: RawTrace): JaegerTrace | undefined {
    const parsed = traceAnswer.safeParse(raw);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    this.tally.add('traces-damaged', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    return undefined;
  }

  private miss(service: string, { from, to }: Micros, error: unknown): void {
    if (!(error instanceof FaultlineError)) throw error;
    if (error.code !== 'connector/refused' && error.code !== 'connector/bad-answer') throw error;
    const before = this.gaps.findIndex((gap) => gap.service === service && gap.to === from);
    const gap = this.gaps[before];
    if (gap) this.gaps[before] = { ...gap, to };
    else this.gaps.push({ service, from, to });
    this.tally.add('traces-refused', `${service} from ${instant(from)}: ${error.message}`);
  }

  private async *pages(
    service: string,
    slice: Micros,
    signal: AbortSignal,
  ): AsyncGenerator<TracePage> {
    const { limit } = this.scope;
    const ahead = [slice];
    for (let at = ahead.pop(); at; at = ahead.pop()) {
      const page = await this.page(service, at, limit, signal);
      if (page && page.traces.length < limit) {
        yield page;
      } else if (at.to - at.from > SHORTEST) {
        const middle = (at.from + at.to) / 2n;
        ahead.push({ from: middle, to: at.to }, { from: at.from, to: middle });
      } else {
        yield* this.crowded(service, at, signal);
      }
    }
  }

  /** Undefined where the answer is too large to take. */
  private async page(
    service: string,
    slice: Micros,
    limit: number,
    signal: AbortSignal,
  ): Promise<TracePage | undefined> {
    try {
      return await this.client.traces(service, slice, { limit, signal });
    } catch (error) {
      const large = error instanceof FaultlineError && error.code === 'connector/limit';
      if (large && slice.to - slice.from > SHORTEST) return undefined;
      throw error;
    }
  }

  private async *crowded(
    service: string,
    slice: Micros,
    signal: AbortSignal,
  ): AsyncGenerator<TracePage> {
    let limit = 0;
    for (const raise of RAISES) {
      limit = this.scope.limit * raise;
      const page = await this.client.traces(service, slice, { limit, signal });
      yield page;
      if (page.traces.length < limit) return;
    }
    this.tally.add('traces-truncated', `the first: ${service} at ${instant(slice.from)}`);
    yield await this.client.traces(service, slice, { limit, errorsOnly: true, signal });
  }

  private homeOf({ spans, processes }: JaegerTrace): bigint | undefined {
    let home: bigint | undefined;
    let fallback: bigint | undefined;
    for (const { startTime, processID } of spans) {
      const service = processes[processID]?.serviceName ?? '';
      if (!this.scope.services.includes(service) || !Number.isSafeInteger(startTime)) continue;
      const at = BigInt(startTime);
      if (!this.scope.windows.some((window) => inside(at, window))) continue;
      if (fallback === undefined || at < fallback) fallback = at;
      if (this.gaps.some((gap) => gap.service === service && inside(at, gap))) continue;
      if (home === undefined || at < home) home = at;
    }
    return home ?? fallback;
  }

  private usable(trace: JaegerTrace): { spans: readonly JaegerSpan[]; failed: boolean } {
    const spans: JaegerSpan[] = [];
    const known = new Set<string>();
    for (const span of trace.spans) {
      const fault = faultOf(span, trace.processes);
      const key = `${span.spanID} ${span.startTime} ${span.processID} ${span.operationName}`;
      if (fault !== '') this.tally.add('spans-dropped', fault);
      else if (known.has(key)) this.tally.add('spans-repeated');
      else if (!this.scope.windows.some((window) => inside(BigInt(span.startTime), window)))
        this.tally.add('spans-outside');
      else spans.push(span);
      known.add(key);
      if (span.warnings.length > 0) this.tally.add('jaeger-warnings', span.warnings[0]);
    }
    // Jaeger hands the spans of a trace out in an order of chance.
    spans.sort((a, b) => a.startTime - b.startTime || (a.spanID < b.spanID ? -1 : 1));
    return { spans, failed: spans.some(hasFailed) };
  }
}

function instant(micros: bigint): string {
  return formatRfc3339(micros * 1000n);
}
