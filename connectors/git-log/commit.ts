import { Redactor, type RowSink, type TimeReader } from '../../core/connect';

/** One commit as a log gives it; texts are as they stand there. */
export interface Commit {
  readonly hash: string;
  readonly author: string;
  readonly committer?: string;
  /** When it was written. */
  readonly authored: string;
  /** When it came to be in this history; '' where the log leaves it out. */
  readonly committed: string;
  readonly subject: string;
  readonly body: string;
  readonly refs: string;
  readonly parents: readonly string[];
  /** Touched files, where the log names them. */
  readonly files: readonly string[];
}

export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{7,64}$/.test(value);

const MAX_BODY = 4000;
const MAX_FILES = 50;
const EMAIL = /<?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}>?/g;

/** Commits as changes. People's names stay, their e-mail addresses do not. */
export class CommitRows {
  private readonly redactor: Redactor;

  constructor(
    private readonly sink: RowSink,
    private readonly times: TimeReader,
  ) {
    this.redactor = new Redactor(sink.notices);
  }

  /** Says why the commit can't be taken; '' where it was. */
  add(commit: Commit): string {
    const { hash, subject, authored, committed, files } = commit;
    const ts = this.times.read(isoDate(committed)) ?? this.times.read(isoDate(authored));
    if (ts === undefined) return 'the commit has no date that can be read';
    if (committed === '') this.sayAuthored();
    const service = this.serviceOf(files);
    const author = this.withoutEmail(commit.author);
    const committer = this.withoutEmail(commit.committer ?? '');
    this.sink.change({
      ts,
      kind: 'commit',
      title: this.clean(subject) || `commit ${hash.slice(0, 7)}`,
      version: hash.slice(0, 7),
      resource: service === '' ? {} : { service },
      attributes: present({
        'vcs.ref.head.revision': hash,
        'vcs.ref.head.name': commit.refs,
        'vcs.parents': commit.parents.join(' '),
        'commit.author': author,
        'commit.committer': committer === author ? '' : committer,
        'commit.body': this.clean(commit.body).slice(0, MAX_BODY),
        'commit.files': files.slice(0, MAX_FILES).join(', '),
        'commit.file_count': files.length > 0 ? String(files.length) : '',
      }),
    });
    return '';
  }

  private clean(text: string): string {
    return this.withoutEmail(this.redactor.text(text)).trim();
  }

  private withoutEmail(text: string): string {
    if (!text.includes('@')) return text;
    return text
      .replace(EMAIL, () => {
        this.sink.notices.add(
          'emails-left-out',
          'info',
          (n) => `${n} e-mail addresses of people were left out; their names are kept.`,
        );
        return '';
      })
      .replace(/ +$/gm, '');
  }

  private sayAuthored(): void {
    this.sink.notices.add(
      'time-of-author',
      'info',
      (n) =>
        `${n} commits say only when they were written, not when they came into this history (git log --format=fuller says both).`,
    );
  }

  /** The folder below services/ or apps/ in which all touched files lie: what a repository of several says. */
  private serviceOf(files: readonly string[]): string {
    const names = new Set(
      files.map(
        (file) => /(?:^|\/)(?:services|apps|microservices)\/([\w.-]+)\//.exec(file)?.[1] ?? '',
      ),
    );
    const [name = ''] = names;
    if (names.size !== 1 || name === '') return '';
    this.sink.notices.add(
      'service-of-path',
      'info',
      (n) =>
        `${n} commits touch the folder of one service only; they were taken for changes of it.`,
    );
    return name;
  }
}

/** `Sun Nov 29 09:47:20 2026 +0100`, which git prints unless asked otherwise, with its year before the clock. */
function isoDate(date: string): string {
  const m = /^[A-Z][a-z]{2} ([A-Z][a-z]{2} \d{1,2}) ([\d:]+) (\d{4})( [+-]\d{4})?$/.exec(date);
  return m ? `${m[1]} ${m[3]} ${m[2]}${m[4] ?? ''}` : date;
}

function present(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
