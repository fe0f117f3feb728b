import {
  RowSink,
  TimeReader,
  headJsonLines,
  headLines,
  readRecords,
  textLines,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';
import { CommitRows } from './commit';
import { commitOfJson } from './json';
import { TextLog } from './text';

/**
 * Commits as `git log` prints them (default, --format=fuller, --pretty=raw; with --stat, --name-only and the
 * like), or a JSON object a line, as people make them with --format.
 */
export const gitLog: FileFormat = {
  id: 'git-log',
  title: 'git log',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'the machine on which a commit was made',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'changes',
      add: (line, where) => reader.line(line, where),
      end: () => {
        reader.text.end();
      },
    });
  },
};

class Reader {
  readonly sink = new RowSink();
  readonly text: TextLog;
  private readonly rows: CommitRows;

  constructor(choices: ReadChoices | undefined) {
    this.rows = new CommitRows(this.sink, new TimeReader(this.sink.notices, choices));
    this.text = new TextLog(this.rows, this.sink);
  }

  line(line: string, where: string): string {
    if (!line.startsWith('{')) {
      this.text.line(line, where);
      return '';
    }
    const commit = commitOfJson(line);
    return typeof commit === 'string' ? commit : this.rows.add(commit);
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  // A warning may stand before the first commit.
  const lines = headLines(head).slice(0, 12);
  const at = lines.findIndex((line) => /^commit [0-9a-f]{7,64}(?: |$)/.test(line));
  if (at >= 0 && at <= 2) {
    const next = lines.slice(at + 1);
    if (next.some((line) => /^(?:Author: |author )/.test(line))) {
      return { confidence: 0.98, why: 'Lines of git log: "commit", "Author:" and "Date:".' };
    }
  }
  const objects = headJsonLines(head);
  const fits = objects.filter((object) => typeof commitOfJson(object) !== 'string');
  return fits.length > 0 && fits.length > objects.length / 2
    ? { confidence: 0.93, why: 'JSON lines with the hash, author, date and message of a commit.' }
    : NO;
}

const NO = { confidence: 0, why: '' };
