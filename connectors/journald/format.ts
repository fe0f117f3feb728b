import {
  headJson,
  headLines,
  isJsonObject,
  readRecords,
  type Described,
  type FileFormat,
  type Head,
  type Sniff,
} from '../../core/connect';
import { EntryReader } from './entry';
import { exportEntries } from './export';
import { bare, jsonEntries } from './json';

const DESCRIBED: Described = {
  signals: ['logs'],
  time: 'µs',
  zone: 'UTC',
  clock: 'the process where it gave its time, else the journal of its host',
  guessed: false,
};
const NO: Sniff = { confidence: 0, why: '' };

/** journalctl -o export. */
export const journaldExport: FileFormat = {
  id: 'journald-export',
  title: 'systemd journal, export format',
  tables: ['resources', 'logs'],
  sniff: sniffExport,
  describe: () => DESCRIBED,
  read: (source, signal, choices) => {
    const reader = new EntryReader(choices);
    return readRecords(exportEntries(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (entry) => reader.add(entry),
      end: () => reader.end(),
    });
  },
};

/** journalctl -o json, json-pretty, json-seq and json-sse. */
export const journaldJson: FileFormat = {
  id: 'journald-json',
  title: 'systemd journal, JSON',
  tables: ['resources', 'logs'],
  sniff: sniffJson,
  describe: () => DESCRIBED,
  read: (source, signal, choices) => {
    const reader = new EntryReader(choices);
    return readRecords(jsonEntries(source, signal), {
      sink: reader.sink,
      signal: 'logs',
      add: (entry) => reader.add(entry),
      end: () => reader.end(),
    });
  },
};

const FIELD = /^[A-Z_][A-Z0-9_]{0,63}(?:=|$)/;
/** An entry has a few dozen fields. */
const LOOKED_AT = 40;

function sniffExport(head: Head): Sniff {
  const first = headLines(head).slice(0, LOOKED_AT);
  if (!FIELD.test(first[0] ?? '')) return NO;
  const known = first.filter((line) => /^(?:__?[A-Z]|MESSAGE\b|PRIORITY=|SYSLOG_)/.test(line));
  const time = first.some((line) => /^_(?:_|SOURCE_)REALTIME_TIMESTAMP=\d/.test(line));
  if (!time || known.length < Math.min(4, first.length)) return NO;
  return {
    confidence: 0.97,
    why: 'Journal fields with __REALTIME_TIMESTAMP, as journalctl -o export writes.',
  };
}

function sniffJson(head: Head): Sniff {
  const text = bare(head.text);
  const value = headJson(text === head.text ? head : { ...head, text });
  if (!isJsonObject(value)) return NO;
  const time = value['__REALTIME_TIMESTAMP'] ?? value['_SOURCE_REALTIME_TIMESTAMP'];
  if (typeof time !== 'string' || !/^\d{10,20}$/.test(time)) return NO;
  const keys = Object.keys(value);
  if (keys.filter((key) => key.startsWith('_') || key === 'MESSAGE').length < 3) return NO;
  return {
    confidence: 0.97,
    why: 'Objects with __REALTIME_TIMESTAMP, as journalctl -o json writes.',
  };
}
