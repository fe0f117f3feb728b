const WORDS: readonly (readonly [RegExp, number])[] = [
  [/^(trace|finest|trc|t$)/i, 1],
  [/^(debug|dbg|fine|verbose|vrb$|config$|d$)/i, 5],
  [/^(info|notice|note$|log$|inf$|system$|success$|i$)/i, 9],
  [/^(warn|wrn|w$)/i, 13],
  [/^(err|severe|e$)/i, 17],
  [/^(fatal|ftl$|crit|alert|emerg|panic|f$)/i, 21],
];

/** OpenTelemetry's severity number of a level's word (also one letter); 0 where it is not known. */
export function severityOfWord(word: string): number {
  return WORDS.find(([pattern]) => pattern.test(word))?.[1] ?? 0;
}

/** OpenTelemetry's severity number of a syslog level (0 emergency to 7 debug); 0 where it is none. */
export function severityOfSyslog(level: number): number {
  return [24, 22, 21, 17, 13, 10, 9, 5][level] ?? 0;
}

/** OpenTelemetry's severity number of a level in tens, as bunyan and pino write it (30 info, 50 error). */
export function severityOfTens(level: number): number {
  const step = Math.floor(level / 10);
  return step >= 1 ? ([1, 5, 9, 13, 17, 21][step - 1] ?? 21) : 0;
}

const NAMED = /\b(?:level|lvl|severity|loglevel)["']?\s*[=:]\s*["']?([A-Za-z]+)/i;
const MARKED =
  /(?:^|[\s[(<|])(TRACE|DEBUG|DBG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|ALERT|FATAL|PANIC|EMERG)(?=[\s\]):|>,]|$)/;
const MARKED_LOW =
  /(?:^|\s)[[(<](trace|debug|info|notice|warn|warning|error|crit|alert|emerg|fatal)[\])>]/i;
/** A level stands before the message. */
const LOOKED_AT = 160;

/** The level that a line of text names (`level=warn`, `[error]`, ` ERROR `), as it stands there; '' where none. */
export function levelInText(text: string): string {
  const start = text.slice(0, LOOKED_AT);
  return (NAMED.exec(start) ?? MARKED.exec(start) ?? MARKED_LOW.exec(start))?.[1] ?? '';
}
