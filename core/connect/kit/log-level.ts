import { severityOfSyslog, severityOfTens, severityOfWord } from './severity';

export interface Level {
  /** OpenTelemetry's number, 0 where the word is not known. */
  readonly severity: number;
  /** As it stands in the record. */
  readonly text: string;
  /** True where it was a number in tens, as pino and bunyan write it. */
  readonly numbered?: boolean;
  /** True where nothing but the number tells how it is meant. */
  readonly guessed?: boolean;
}

/** Fields of which only a known word makes a level: they often say something else. */
const DOUBTFUL = /(?:^|\.)(?:status|s|priority|detected_?level)$/i;

/** The level in a field: a word or a number of any logger; undefined where it is none. */
export function levelOf(path: string, value: unknown): Level | undefined {
  if (typeof value === 'number') return ofNumber(path, value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^-?\d{1,6}$/.test(text)) return ofNumber(path, Number(text));
  const severity = /^d?panic/i.test(text) ? 21 : severityOfWord(text);
  if (severity === 0 && (text === '' || DOUBTFUL.test(path))) return undefined;
  return { severity, text };
}

function ofNumber(path: string, value: number): Level | undefined {
  const text = String(value);
  if (/severity_?number$/i.test(path)) {
    return value >= 1 && value <= 24 ? { severity: Math.trunc(value), text } : undefined;
  }
  if (/(?:^|\.)(?:status|s)$/i.test(path)) return undefined;
  // Python: 10 debug to 50 critical; Logback the same in thousands, with 5000 for trace.
  if (/(?:levelno|level\.no)$/i.test(path)) return { severity: pythonSeverity(value), text };
  if (value >= 1000) return { severity: pythonSeverity(value / 1000), text };
  if (value >= 0 && value <= 7 && Number.isInteger(value)) {
    return { severity: severityOfSyslog(value), text, guessed: true };
  }
  return value >= 10
    ? { severity: severityOfTens(value), text, numbered: true, guessed: true }
    : undefined;
}

function pythonSeverity(level: number): number {
  if (level < 10) return 1;
  return [5, 9, 13, 17, 21][Math.min(5, Math.floor(level / 10)) - 1] ?? 0;
}
