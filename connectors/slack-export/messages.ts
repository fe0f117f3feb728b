import {
  asObject,
  Redactor,
  epochNs,
  isJsonObject,
  type JsonObject,
  type RowSink,
} from '../../core/connect';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const MAX_TITLE = 200;
const MAX_TEXT = 8000;

/** Subtypes that people or their tools wrote; all others say who joined, what was renamed and the like. */
const WRITTEN = new Set([
  '',
  'bot_message',
  'me_message',
  'thread_broadcast',
  'file_share',
  'file_comment',
]);

/** Messages as notes, with the names of people and channels that the export gives. */
export class Messages {
  private readonly redactor: Redactor;
  private readonly names = new Map<string, string>();
  private readonly channels = new Map<string, string>();

  constructor(private readonly sink: RowSink) {
    this.redactor = new Redactor(sink.notices);
  }

  /** An entry of users.json or channels.json. Of people only the name that Slack shows is taken. */
  about(entry: JsonObject): void {
    const { id, name, profile, real_name: real } = entry;
    const key = text(id);
    if (key === '') return;
    if (/^[UWB]/.test(key)) {
      const of = asObject(profile);
      const shown = text(of['display_name']) || text(of['real_name']) || text(real) || text(name);
      if (shown !== '') this.names.set(key, shown);
    } else if (text(name) !== '') this.channels.set(key, text(name));
  }

  /** Says why the message can't be taken; '' where it was, or was left out with a notice. */
  add(message: JsonObject, channel: string): string {
    if (message['type'] !== 'message') return 'it is not a message';
    const ts = epochNs(message['ts'], 's');
    if (ts === undefined) return 'the message has no time (ts)';
    if (!WRITTEN.has(text(message['subtype']))) {
      this.sink.notices.add(
        'system-messages',
        'info',
        (n) => `${n} messages are Slack's own (joined, topic set, …) and were left out.`,
      );
      return '';
    }
    const body = this.bodyOf(message);
    if (body === '') {
      this.sink.notices.add(
        'messages-without-text',
        'info',
        (n) => `${n} messages have no text (files and blocks only) and were left out.`,
      );
      return '';
    }
    const thread = text(message['thread_ts']);
    const [first = ''] = body.split('\n', 1);
    const title = first.length > MAX_TITLE ? `${first.slice(0, MAX_TITLE - 1)}…` : first;
    this.sink.change({
      ts,
      kind: 'note',
      title,
      resource: {},
      attributes: present({
        'slack.author': this.authorOf(message),
        'slack.channel': channel,
        'slack.ts': text(message['ts']),
        'slack.thread_ts': thread,
        'slack.replies':
          typeof message['reply_count'] === 'number' ? String(message['reply_count']) : '',
        'slack.reactions': reactionsOf(message['reactions']),
        'slack.text': body === title ? '' : body.slice(0, MAX_TEXT),
      }),
    });
    return '';
  }

  private bodyOf(message: JsonObject): string {
    const own = text(message['text']);
    const attached: readonly unknown[] = Array.isArray(message['attachments'])
      ? message['attachments']
      : [];
    const fallback = attached.flatMap((one) =>
      isJsonObject(one) ? [text(one['fallback']) || text(one['text'])] : [],
    );
    const given = own === '' ? fallback.filter((one) => one !== '').join('\n') : own;
    return this.redactor.text(this.plain(given)).trim();
  }

  private authorOf(message: JsonObject): string {
    const { user, bot_id: bot, username, user_profile: profile, bot_profile: app } = message;
    const id = text(user) || text(bot);
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const own = isJsonObject(profile) ? profile : isJsonObject(app) ? app : {};
    const shown =
      text(own['display_name']) || text(own['real_name']) || text(own['name']) || text(username);
    if (shown !== '') return shown;
    if (id !== '') {
      this.sink.notices.add(
        'authors-unknown',
        'info',
        (n) => `${n} messages are of people whom the file does not name; their id stands there.`,
      );
    }
    return id;
  }

  /** `<@U1>`, `<#C1|name>`, `<!here>`, `<https://…|label>` and `&amp;` as people see them. */
  private plain(given: string): string {
    return given
      .replace(/<([^<>\n]{1,2000})>/g, (_, inner: string) => {
        const bar = inner.indexOf('|');
        const label = bar < 0 ? '' : inner.slice(bar + 1);
        const target = bar < 0 ? inner : inner.slice(0, bar);
        if (target.startsWith('@'))
          return `@${this.names.get(target.slice(1)) ?? (label || target.slice(1))}`;
        if (target.startsWith('#'))
          return `#${label || (this.channels.get(target.slice(1)) ?? target.slice(1))}`;
        if (target.startsWith('!')) return label || `@${target.slice(1).split('^', 1)[0] ?? ''}`;
        if (target.startsWith('mailto:')) return this.withoutAddress();
        return label === '' || target.includes(label) ? target : `${label} (${target})`;
      })
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  }

  private withoutAddress(): string {
    this.sink.notices.add(
      'emails-left-out',
      'info',
      (n) => `${n} e-mail addresses in messages were left out.`,
    );
    return '(e-mail address)';
  }
}

function reactionsOf(value: unknown): string {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list
    .flatMap((one) =>
      isJsonObject(one) ? [`${text(one['name'])} ${String(Number(one['count']))}`] : [],
    )
    .join(', ');
}

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
