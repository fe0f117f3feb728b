import {
  headLines,
  readRecords,
  textLines,
  withoutColours,
  type FileFormat,
  type Head,
} from '../../core/connect';
import { DECIDED_BY, PlainReader, decided, isPrefixed } from './reader';
import { startOf } from './times';

/** Text with times, of whatever program: the format of files that no other format knows. */
export const plainLog: FileFormat = {
  id: 'plain-log',
  title: 'Plain log with times',
  tables: ['resources', 'logs'],
  sniff,
  describe: (head) => {
    const lines = headLines(head).map(withoutColours);
    const prefixed = isPrefixed(lines);
    const time = lines.map((line) => startOf(line, prefixed)?.time).find(Boolean) ?? '';
    const stated = /(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/.test(time);
    return {
      signals: ['logs'],
      time: 'text',
      zone: stated ? 'stated' : 'unknown',
      clock: 'whoever wrote the log',
      guessed: !stated,
    };
  },
  read: (source, signal, choices) => {
    const reader = new PlainReader(choices);
    const lines = textLines(source, signal, { blank: true });
    const decide = (first: readonly string[]): void => void (reader.prefixed = isPrefixed(first));
    return readRecords(decided(lines, decide), {
      sink: reader.sink,
      signal: 'logs',
      add: (line) => reader.add(line),
      end: () => reader.end(),
    });
  },
};

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head).slice(0, DECIDED_BY).map(withoutColours);
  // A document of another kind may have times at the start of lines, too.
  if (/^[{<]/.test(lines[0] ?? '')) return { confidence: 0, why: '' };
  const prefixed = isPrefixed(lines);
  const starts = lines.filter((line) => startOf(line, prefixed)).length;
  const share = lines.length === 0 ? 0 : starts / lines.length;
  if (starts === 0 || (share < 0.02 && starts < 3)) return { confidence: 0, why: '' };
  const where = prefixed ? 'have a time behind what they begin with' : 'begin with a time';
  return {
    confidence: share >= 0.5 && !prefixed ? 0.5 : 0.4,
    why: `${starts} of the first ${lines.length} lines ${where}.`,
  };
}
