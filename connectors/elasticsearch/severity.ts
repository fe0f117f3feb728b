import { firstOf, numberOf, scalarText } from './document';

const LEVELS: readonly (readonly [RegExp, number])[] = [
  [/^(trace|finest|trc)/i, 1],
  [/^(debug|dbg|fine|verbose)/i, 5],
  [/^(info|notice|log$|informational)/i, 9],
  [/^(warn|wrn)/i, 13],
  [/^(err|severe)/i, 17],
  [/^(fatal|crit|alert|emerg|panic)/i, 21],
];

/** Words that mean an error or worse, for queries; each also in capitals and capitalised. */
const ERROR_WORDS = [
  'error',
  'err',
  'severe',
  'fatal',
  'critical',
  'crit',
  'alert',
  'emergency',
  'emerg',
  'panic',
].flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]);

/** How numbers in a severity field are meant. */
export type NumericSeverity = 'otel' | 'syslog' | 'tens';

/** OpenTelemetry's severity number of a level as a word or number; 0 where it is not known. */
export function severityOf(value: unknown, numeric: NumericSeverity): number {
  const number = numberOf(value);
  if (number === undefined) {
    const word = scalarText(firstOf(value)).trim();
    return LEVELS.find(([pattern]) => pattern.test(word))?.[1] ?? 0;
  }
  if (numeric === 'otel') return number >= 1 && number <= 24 ? Math.trunc(number) : 0;
  if (numeric === 'syslog') return [21, 21, 21, 17, 13, 10, 9, 5][number] ?? 0;
  const step = Math.floor(number / 10);
  return step >= 1 ? ([1, 5, 9, 13, 17, 21][step - 1] ?? 21) : 0;
}

/** The numbering of a severity field, by its name: syslog's, OpenTelemetry's, or tens (bunyan, pino). */
export function numberingOf(field: string): NumericSeverity {
  if (/syslog|priority/i.test(field)) return 'syslog';
  return /severity.?number/i.test(field) ? 'otel' : 'tens';
}

/** Documents whose severity field says error or worse. */
export function errorSeverityQuery(
  field: string,
  type: 'keyword' | 'text' | 'number',
): Readonly<Record<string, unknown>> {
  if (type === 'keyword') return { terms: { [field]: ERROR_WORDS } };
  if (type === 'text')
    return { match: { [field]: { query: [...new Set(ERROR_WORDS)].join(' ') } } };
  const numbering = numberingOf(field);
  if (numbering === 'syslog') return { range: { [field]: { lte: 3 } } };
  return { range: { [field]: { gte: numbering === 'otel' ? 17 : 50 } } };
}
