import type { RowSink } from '../../core/connect';
import type { CommitRows } from './commit';

interface Open {
  readonly hash: string;
  readonly where: string;
  readonly text: string;
  readonly refs: string;
  parents: string[];
  author: string;
  committer: string;
  authored: string;
  committed: string;
  message: string[];
  files: string[];
  /** True once the message began: then lines that are not indented are of --stat and the like. */
  inMessage: boolean;
  /** True within a patch: everything up to the next commit is left out. */
  inPatch: boolean;
}

const COMMIT = /^commit ([0-9a-f]{7,64})((?: [0-9a-f]{7,64})*)(?: \((.*)\))?$/;
const HEADER = /^(Author|AuthorDate|Commit|CommitDate|Date|Merge|Reflog|Reflog message):\s+(.*)$/;
const RAW = /^(tree|parent|author|committer|encoding|gpgsig|mergetag|HG:\w+)(?: (.*)|$)/;
const STAT = /^ (.+?)\s+\|\s+(?:\d+|Bin)\b/;
const NUMSTAT = /^(?:\d+|-)\t(?:\d+|-)\t(.+)$/;
const STATUS = /^[ACDMRTUXB]\d{0,3}\t(.+)$/;
const SUMMARY = /^ \d+ files? changed|^ (?:create|delete|rename|copy) mode | mode change /;

/** git log's text, line by line. */
export class TextLog {
  private open: Open | undefined;

  constructor(
    private readonly rows: CommitRows,
    private readonly sink: RowSink,
  ) {}

  line(line: string, where: string): void {
    const m = COMMIT.exec(line);
    if (m) {
      this.end();
      this.open = begin(m, line, where);
      return;
    }
    const { open } = this;
    if (!open) {
      this.sink.drop('changes', where, line, 'it stands before the first commit');
      return;
    }
    if (open.inPatch) return;
    if (line.startsWith('    ')) {
      open.inMessage = true;
      open.message.push(line.slice(4));
      return;
    }
    if (!open.inMessage && header(open, line)) return;
    this.beside(open, line, where);
  }

  /** What --stat, --name-only, --name-status, --numstat, --shortstat and -p add. */
  private beside(open: Open, line: string, where: string): void {
    if (/^(?:diff |--- |\+\+\+ |@@ |index [0-9a-f])/.test(line)) {
      open.inPatch = true;
      this.sink.notices.add(
        'patches-left-out',
        'info',
        (n) => `${n} commits have their patch in the file; it was left out.`,
      );
      return;
    }
    // A signature's lines in the raw form begin with one space.
    if (SUMMARY.test(line) || (!open.inMessage && line.startsWith(' '))) return;
    const named = STAT.exec(line)?.[1] ?? NUMSTAT.exec(line)?.[1] ?? STATUS.exec(line)?.[1];
    const file = named ?? (/^[^\s:][^:]*$/.test(line) ? line : undefined);
    if (file === undefined) {
      this.sink.notices.add(
        'lines-left-out',
        'warning',
        (n) =>
          `${n} lines are nothing that git log prints and were left out (the first: ${where}).`,
      );
    } else open.files.push(renamed(file));
  }

  /** Ends the commit that is open. */
  end(): void {
    const { open } = this;
    this.open = undefined;
    if (!open) return;
    const message = open.message.join('\n').trim();
    const at = message.indexOf('\n');
    const reason = this.rows.add({
      ...open,
      subject: at < 0 ? message : message.slice(0, at),
      body: at < 0 ? '' : message.slice(at + 1),
    });
    if (reason !== '') this.sink.drop('changes', open.where, open.text, reason);
  }
}

function begin(m: RegExpExecArray, text: string, where: string): Open {
  return {
    hash: m[1] ?? '',
    where,
    text,
    refs: m[3] ?? '',
    parents: (m[2] ?? '').split(' ').filter(Boolean),
    author: '',
    committer: '',
    authored: '',
    committed: '',
    message: [],
    files: [],
    inMessage: false,
    inPatch: false,
  };
}

/** Takes a line above the message; false where it is none. */
function header(open: Open, line: string): boolean {
  const m = HEADER.exec(line);
  if (m) {
    const value = m[2] ?? '';
    if (m[1] === 'Author') open.author = value;
    else if (m[1] === 'Commit') open.committer = value;
    else if (m[1] === 'AuthorDate' || m[1] === 'Date') open.authored = value;
    else if (m[1] === 'CommitDate') open.committed = value;
    else if (m[1] === 'Merge') open.parents = value.split(' ');
    return true;
  }
  const raw = RAW.exec(line);
  if (!raw) return false;
  const value = raw[2] ?? '';
  if (raw[1] === 'parent') open.parents.push(value);
  if (raw[1] !== 'author' && raw[1] !== 'committer') return true;
  // Name <address> seconds zone: seconds are of UTC, whatever the zone.
  const end = /^(.*) (\d{1,12}) [+-]\d{4}$/.exec(value);
  const who = end?.[1] ?? value;
  const when = end ? new Date(Number(end[2]) * 1000).toISOString() : '';
  if (raw[1] === 'author') [open.author, open.authored] = [who, when];
  else [open.committer, open.committed] = [who, when];
  return true;
}

/** `src/{a => b}/file` and `a => b` of --stat, `old<TAB>new` of --name-status: where the file is now. */
function renamed(file: string): string {
  const tab = file.lastIndexOf('\t');
  const now = tab < 0 ? file : file.slice(tab + 1);
  return now
    .replace(/\{[^{}]* => ([^{}]*)\}/, '$1')
    .replace(/^.* => /, '')
    .replaceAll('//', '/')
    .trim();
}
