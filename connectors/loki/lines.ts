import {
  LogObjects,
  isJsonObject,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';
import type { StreamLabels } from './labels';

/** Lines of streams as rows, whether they come from a file or from the API. */
export class LokiLines {
  private readonly objects: LogObjects;

  constructor(sink: RowSink, choices: ReadChoices = {}) {
    this.objects = new LogObjects(sink, choices);
  }

  /** `ts`: nanoseconds since the epoch. Why the line can't be a row, or ''. */
  add(
    { resource, fields }: StreamLabels,
    { line, metadata }: Omit<Entry, 'time'>,
    ts: bigint,
  ): string {
    return this.objects.add({ ...fields, ...metadata, message: line }, { ts, resource });
  }
}

export interface Entry {
  readonly time: string;
  readonly line: string;
  readonly metadata: JsonObject;
}

/** `["<ns>", "line"]`, with metadata as a third; `{ts, line}` of old releases. */
export function entryOf(value: unknown): Entry | undefined {
  if (isJsonObject(value)) {
    const { ts, timestamp, line } = value;
    const time = ts ?? timestamp;
    return typeof time === 'string' && typeof line === 'string'
      ? { time, line, metadata: {} }
      : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const [time, line, metadata]: readonly unknown[] = value;
  if (typeof time !== 'string' || typeof line !== 'string') return undefined;
  return { time, line, metadata: metadataOf(metadata) };
}

/** Structured metadata, or both kinds apart where X-Loki-Response-Encoding-Flags asked for it. */
function metadataOf(value: unknown): JsonObject {
  if (!isJsonObject(value)) return {};
  const { structuredMetadata: own, parsed } = value;
  if (!isJsonObject(own) && !isJsonObject(parsed)) return value;
  return { ...(isJsonObject(own) ? own : {}), ...(isJsonObject(parsed) ? parsed : {}) };
}
