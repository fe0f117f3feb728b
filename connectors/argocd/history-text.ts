import {
  RowSink,
  TimeReader,
  headLines,
  readRecords,
  redactText,
  textLines,
  type FileFormat,
  type Head,
  type ReadChoices,
} from '../../core/connect';

/**
 * The table that `argocd app history` prints: ID, DATE and REVISION, for each source of the application where it
 * has several. It does not name the application. Source: argo-cd, cmd/argocd/commands/app.go.
 */
export const argocdHistory: FileFormat = {
  id: 'argocd-history',
  title: 'argocd app history, table',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'Argo CD',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(textLines(source, signal), {
      sink: reader.sink,
      signal: 'changes',
      add: (line) => reader.line(line),
    });
  },
};

const HEADER = /^ID +DATE +REVISION\s*$/;

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private repository = '';

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  line(line: string): string {
    if (HEADER.test(line)) return '';
    const [id = '', date = '', revision = ''] = line.trim().split(/ {2,}/, 3);
    if (id === 'SOURCE') {
      this.repository = redactText(date);
      return '';
    }
    if (!/^\d{1,9}$/.test(id)) return 'the line has no ID';
    const ts = this.times.read(date);
    if (ts === undefined) return 'the line has no date that can be read';
    this.sink.notices.add(
      'application-unnamed',
      'info',
      (n) => `${n} deployments do not name their application; the table has no place for it.`,
    );
    // "main (9f3a1c5)": what was asked for, and the commit that it was.
    const m = /^(.*) \(([0-9a-f]{7})\)$/.exec(revision);
    const version = m?.[2] ?? revision;
    this.sink.change({
      ts,
      kind: 'deployment',
      title: version === '' ? 'Argo CD deployed' : `Argo CD deployed at ${version}`,
      version,
      resource: {},
      attributes: {
        'argocd.history.id': id,
        ...(m?.[1] ? { 'vcs.ref.head.name': m[1] } : {}),
        ...(this.repository === '' ? {} : { 'vcs.repository.url.full': this.repository }),
      },
    });
    return '';
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headLines(head).slice(0, 4);
  const at = lines.findIndex((line) => HEADER.test(line));
  const first = lines[at + 1];
  return at >= 0 && first !== undefined && /^\d+ {2,}\d{4}-\d\d-\d\d /.test(first)
    ? {
        confidence: 0.95,
        why: 'A table of "ID", "DATE" and "REVISION", as argocd app history prints.',
      }
    : { confidence: 0, why: '' };
}
