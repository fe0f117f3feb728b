import {
  RowSink,
  headJson,
  isJsonObject,
  jsonRecords,
  readRecords,
  type ByteSource,
  type FileFormat,
  type FormatItem,
  type Head,
  type JsonObject,
  type RawRecord,
  type RecordBlock,
} from '../../core/connect';
import { exportsIn } from './group';
import { Messages } from './messages';

/**
 * A Slack export (zip or folder): `users.json`, `channels.json` and, a folder a channel, a list of messages a day;
 * also one day's file alone. Messages become notes.
 * Source: slack.com/help/articles/220556107 (How to read Slack data exports).
 */
export const slackExport: FileFormat = {
  id: 'slack-export',
  title: 'Slack export',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 's',
    zone: 'UTC',
    clock: 'Slack',
    guessed: false,
  }),
  read,
  group: (files) => exportsIn(files),
};

/** Lists of people, channels and of what else the export says: read before messages, no rows. */
const ABOUT = /(?:^|\/)(?:users|channels|groups|dms|mpims|org_users)\.json$/;
const LEFT_OUT =
  /(?:^|\/)(?:integration_logs|canvases|file_conversations|huddle_transcripts|lists)\.json$/;

async function* read(source: ByteSource, signal: AbortSignal): AsyncGenerator<FormatItem> {
  const sink = new RowSink();
  const messages = new Messages(sink);
  const parts = source.parts ?? [source];
  for (const part of parts.filter(({ name }) => ABOUT.test(name))) {
    for await (const { records } of jsonRecords(part, signal, { lists: [''] })) {
      for (const record of records) {
        if ('value' in record) messages.about(record.value.value);
        // What people say of themselves is not shown.
        else sink.drop('changes', `${part.name} ${record.where}`, 'an entry', record.reason);
      }
    }
  }
  const days = parts.filter(({ name }) => !ABOUT.test(name) && !LEFT_OUT.test(name));
  yield* readRecords(messagesOf(days, signal), {
    sink,
    signal: 'changes',
    add: ({ value, channel }) => messages.add(value, channel),
  });
}

interface Message {
  readonly value: JsonObject;
  readonly channel: string;
}

/** The messages of all days, one file after the other. */
async function* messagesOf(
  days: readonly ByteSource[],
  signal: AbortSignal,
): AsyncGenerator<RecordBlock<Message>> {
  for (const day of days) {
    const channel = channelOf(day.name);
    const place = days.length > 1 ? `${day.name} ` : '';
    for await (const { records, malformed } of jsonRecords(day, signal, { lists: [''] })) {
      const placed = records.map((record): RawRecord<Message> => {
        const where = `${place}${record.where}`;
        return 'value' in record
          ? { where, text: record.text, value: { value: record.value.value, channel } }
          : { ...record, where };
      });
      yield { records: placed, malformed };
    }
  }
}

/** `export/incident-checkout/2026-11-29.json`: the folder is the channel. */
function channelOf(name: string): string {
  const path = name.split('/');
  return path[path.length - 2] ?? '';
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  if (!Array.isArray(value)) return NO;
  const first: readonly unknown[] = value.slice(0, 20);
  const messages = first.filter(isMessage);
  return messages.length > 0 && messages.length >= first.length - 1
    ? {
        confidence: 0.95,
        why: 'A list of messages with "ts" in seconds and "user", as Slack exports them.',
      }
    : NO;
}

function isMessage(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { type, ts } = value;
  return type === 'message' && typeof ts === 'string' && /^\d{9,11}\.\d{6}$/.test(ts);
}

const NO = { confidence: 0, why: '' };
