import { FaultlineError } from '../../core/base';
import {
  asObject,
  epochNs,
  isJsonObject,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';

/** What stands around the data of an answer of Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api). */
export class AnswerFrame {
  private readonly warnings = new Set<string>();
  private readonly infos = new Set<string>();
  private errors = 0;
  private lastError = '';

  constructor(private readonly sink: RowSink) {}

  /** Takes `status`, `error`, `warnings` and `infos` of one document. */
  rest(rest: unknown, document: number): void {
    if (!isJsonObject(rest)) return;
    for (const text of texts(rest['warnings'])) this.warnings.add(text);
    for (const text of texts(rest['infos'])) this.infos.add(text);
    if (rest['isPartial'] === true) {
      this.sink.notices.add(
        'answer-partial',
        'warning',
        (n) => `${n} answers are partial: a part of the store did not answer.`,
      );
    }
    if (rest['status'] !== 'error') return;
    this.errors++;
    this.lastError = [rest['errorType'], rest['error']]
      .filter((part) => typeof part === 'string')
      .join(': ')
      .slice(0, 300);
    const reason = `the server answered with an error: ${this.lastError}`;
    this.sink.drop('samples', `document ${document + 1}`, JSON.stringify(rest), reason);
  }

  /** Says what was gathered. Throws 'format/damaged' where the file is nothing but an error. */
  end(taken: number): void {
    if (this.errors === 1 && taken === 0) {
      throw new FaultlineError(
        'format/damaged',
        `The file is not an answer with data but the server's error: ${this.lastError}`,
      );
    }
    this.say('backend-warning', 'warning', 'warned', this.warnings);
    this.say('backend-info', 'info', 'remarked', this.infos);
  }

  private say(
    code: string,
    severity: 'warning' | 'info',
    verb: string,
    found: ReadonlySet<string>,
  ): void {
    if (found.size === 0) return;
    const first = [...found].slice(0, 3).join('; ').slice(0, 400);
    this.sink.notices.add(
      code,
      severity,
      (n) => `The server ${verb} with its answer (${n} texts): ${first}`,
      found.size,
    );
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Label sets have texts as values only; undefined where one is something else. */
export function labelsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  for (const name in value) if (typeof value[name] !== 'string') return undefined;
  return value as Readonly<Record<string, string>>;
}

/** Seconds as the API writes them: floats with three digits. */
export function secondsNs(
  value: unknown,
  unit: ReadChoices['timeUnit'] | undefined,
): bigint | undefined {
  if (unit !== undefined) return epochNs(value, unit);
  if (typeof value !== 'number') return epochNs(value, 's');
  const ms = Math.round(value * 1000);
  return Number.isSafeInteger(ms) && Math.abs(value * 1000 - ms) < 0.001 && Math.abs(ms) < MS_END
    ? BigInt(ms) * 1_000_000n
    : epochNs(value, 's');
}

/** 2262, where nanoseconds end. */
const MS_END = 9_223_372_036_854;

/** The first item of an answer's `data`, or of a bare list. */
export function firstItem(value: unknown): JsonObject {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return asObject(first);
}
