import type { NoticeCounts } from '../import-tally';
import { Redactor } from './redact';
import { levelInText, severityOfTens, severityOfWord } from './severity';
import { traceInText } from './trace-text';

/** What the text of a log record says of itself: the columns of a row. */
export interface LogText {
  /** The text without secrets. */
  readonly body: string;
  readonly severity: number;
  readonly severityText: string;
  /** Lower-case hex, or ''. */
  readonly traceId: string;
  readonly spanId: string;
}

/** "level":30 in the JSON that bunyan and pino write. */
const LEVEL_NUMBER = /"level"\s*:\s*(\d{2})\b/;
/** Level and ids stand before this. */
const LOOKED_AT = 4096;

const ESCAPE = '\u001B';
/** ECMA-48 select graphic rendition and erase in line, as programs write for terminals. */
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]{0,20}[mK]`, 'g');

/** A text without the colours that a program wrote for a terminal: they say nothing, and hide levels and times. */
export function withoutColours(text: string): string {
  return text.includes(ESCAPE) ? text.replace(COLOURS, '') : text;
}

/** Reads level and trace out of log texts that have no fields for them, and takes secrets out; says so in notices. */
export class LogTexts {
  readonly redactor: Redactor;

  constructor(private readonly notices: NoticeCounts) {
    this.redactor = new Redactor(notices);
  }

  /** `level` where the format has one; else it is looked for in the text. Colours of a terminal are taken away. */
  read(given: string, level = ''): LogText {
    const text = withoutColours(given);
    const found = level === '' ? levelOf(text) : { word: level, severity: severityOfWord(level) };
    if (level === '' && found.word !== '') {
      this.notices.add(
        'severity-from-text',
        'info',
        (n) => `${n} records give their level only in their text; it was taken from there.`,
      );
    }
    const start = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
    const { traceId, spanId } = traceInText(start);
    const { word, severity } = found;
    return { body: this.redactor.text(text), severity, severityText: word, traceId, spanId };
  }
}

function levelOf(text: string): { readonly word: string; readonly severity: number } {
  const word = levelInText(text);
  if (word !== '') return { word, severity: severityOfWord(word) };
  const number = text.startsWith('{')
    ? LEVEL_NUMBER.exec(text.slice(0, LOOKED_AT))?.[1]
    : undefined;
  return number === undefined
    ? { word: '', severity: 0 }
    : { word: number, severity: severityOfTens(Number(number)) };
}
