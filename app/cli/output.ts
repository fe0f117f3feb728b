import { asFaultlineError, type FaultlineError } from '../../core/base';

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The result goes to stdout; progress and notices go to stderr, and not at all with --quiet. */
export class Output {
  private progressShown = false;
  private shownAt = 0;

  constructor(private readonly options: OutputOptions) {}

  get json(): boolean {
    return this.options.json;
  }

  /** The one JSON document, or the text for people. */
  result(document: unknown, text: () => string): void {
    this.endProgress();
    process.stdout.write(this.options.json ? `${toJson(document)}\n` : `${text()}\n`);
  }

  /** One line for people on stdout, where the result comes piece by piece. */
  line(text: string): void {
    this.endProgress();
    if (!this.options.json) process.stdout.write(`${text}\n`);
  }

  note(text: string): void {
    if (this.options.quiet) return;
    this.endProgress();
    process.stderr.write(`${text}\n`);
  }

  /** Progress: one line that is rewritten on a terminal; nothing where stderr is no terminal. */
  progress(text: string): void {
    if (this.options.quiet || !process.stderr.isTTY) return;
    const now = Date.now();
    if (now - this.shownAt < 100) return;
    this.shownAt = now;
    this.progressShown = true;
    process.stderr.write(`\r\u001b[K${text.slice(0, 120)}`);
  }

  private endProgress(): void {
    if (this.progressShown) process.stderr.write('\r\u001b[K');
    this.progressShown = false;
  }

  failure(error: unknown): FaultlineError {
    this.endProgress();
    const known = asFaultlineError(error);
    if (this.options.json) {
      const { code, message, detail } = known;
      process.stdout.write(`${toJson({ error: { code, message, detail: detail ?? null } })}\n`);
    } else {
      process.stderr.write(`faultline: ${known.message}\n`);
    }
    return known;
  }
}

/** JSON with bigint as text: nanoseconds don't fit a double. */
export function toJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Float32Array || value instanceof Float64Array) return [...value];
    return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  });
}

export function exitCodeOf(error: FaultlineError): number {
  if (error.code === 'cancelled') return 130;
  return error.code === 'usage' ? 2 : 1;
}

/** Rows of text in columns, aligned; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) =>
    Math.max(h.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const numeric = head.map((_, i) => rows.every((row) => /^[\d\s.,%×+-]*$/.test(row[i] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}
