import { asObject, asText, isJsonObject, type JsonObject } from '../../core/connect';

/** One event of the Trace Event Format; times are microseconds of the tracer's clock. */
export interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly cat: string;
  readonly pid: string;
  readonly tid: string;
  /** NaN where it has none. */
  readonly ts: number;
  /** As it stands there, for exact conversion. */
  readonly rawTs: unknown;
  readonly dur: number;
  readonly args: JsonObject;
  /** Of async and flow events: `id`, or `id2` with its scope. '' where there is none. */
  readonly id: string;
  /** Binding point of a flow's end: 'e' is the slice around it. */
  readonly bp: string;
}

export function eventOf(value: unknown): TraceEvent | undefined {
  if (!isJsonObject(value) || typeof value['ph'] !== 'string') return undefined;
  const { ph, name, cat, pid, tid, ts, dur, args, bp } = value;
  return {
    ph,
    name: asText(name),
    cat: asText(cat),
    pid: asText(pid),
    tid: asText(tid),
    ts: numberOf(ts),
    rawTs: ts,
    dur: numberOf(dur),
    args: asObject(args),
    id: idOf(value),
    bp: asText(bp),
  };
}

/** Async events belong together by category, scope and id; a local id is one of its process. */
function idOf({ id, id2, scope, cat, pid }: JsonObject): string {
  const within = `${asText(cat)} ${asText(scope)}`;
  if (isJsonObject(id2)) {
    const { local, global } = id2;
    return local === undefined
      ? `${within} ${asText(global)}`
      : `${within} ${asText(pid)}:${asText(local)}`;
  }
  return id === undefined || id === null ? '' : `${within} ${asText(id)}`;
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
