import { zoneOffset } from './zones';
import { TimeReader } from './times';
import { redactText } from './redact';

/** Where in time a dropped record stands and whom it is about, as far as that can be read. */
export interface DroppedPlace {
  /** ns since the epoch. */
  readonly at?: bigint;
  /** True where the time names no zone and was read as UTC. */
  readonly zoneless?: boolean;
  readonly service?: string;
}

/** Of a record's text, what is looked through. */
const LOOK = 4000;
/** Of a line, where its own time begins; behind it stands what it tells of. */
const BEGIN = 80;
/** From 2000 to 2100, ns: a time out of it may be why the record was dropped. */
const EARLIEST = 946_684_800_000_000_000n;
const LATEST = 4_102_444_800_000_000_000n;

/** Names of a record's own time, as OpenTelemetry, loggers, trace stores and alert managers write them. */
const TIME_FIELDS = [
  '@timestamp',
  'timestamp',
  'timeUnixNano',
  'startTimeUnixNano',
  'observedTimeUnixNano',
  'time',
  'ts',
  'startTime',
  'start_time',
  'startsAt',
  'activeAt',
  'eventTime',
  'lastTimestamp',
  'firstTimestamp',
  'startedDateTime',
  '__REALTIME_TIMESTAMP',
  'created_at',
  'datetime',
  'instant',
];
const FIELD_TIME = new RegExp(
  String.raw`"(?:${TIME_FIELDS.join('|')})"\s*:\s*(?:"([^"]{9,40})"|(\d{9,20}(?:\.\d+)?))`,
  'g',
);
const WORD_TIME =
  /(?:^|\s)(?:ts|time|timestamp|@timestamp)=(?:"([^"]{9,40})"|(\d\S{8,39}))(?=\s|$)/;
const LINE_TIME = new RegExp(
  String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d)(?![\d:]))?` +
    String.raw`|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}`,
);

/** In the order of core/store's SERVICE_KEYS; of JSON, of words, and of OTLP's lists of attributes. */
const SERVICE_FIELDS = ['service\\.name', 'service_name', 'serviceName', 'service', 'app', 'job'];
const NAME = String.raw`([^"\\]{1,120})`;
const SERVICE_FORMS = [
  new RegExp(
    `"key"\\s*:\\s*"service\\.name"\\s*,\\s*"value"\\s*:\\s*\\{\\s*"\\w+"\\s*:\\s*"${NAME}"`,
  ),
  new RegExp(`"service"\\s*:\\s*\\{[^{}]*"name"\\s*:\\s*"${NAME}"`),
  ...SERVICE_FIELDS.map((field) => new RegExp(`"${field}"\\s*:\\s*"${NAME}"`)),
  ...SERVICE_FIELDS.map(
    (field) => new RegExp(`(?:^|[\\s,{])${field}=(?:"${NAME}"|([\\w.-]{1,120}))`),
  ),
];

/**
 * The place of a record that could not be taken over, out of its text: a field of JSON or a word that is called as
 * times are, else a time at the beginning of the line. Nothing where a year, a zone by name or a unit would have to
 * be guessed otherwise than by magnitude.
 */
export function placeInText(text: string): DroppedPlace {
  const start = text.slice(0, LOOK);
  const service = serviceIn(start);
  return { ...timeIn(start), ...(service === undefined ? {} : { service }) };
}

/** What is known of a dropped record's place; what is not is looked for in its text. */
export function placeOfDropped(text: string, known: DroppedPlace = {}): DroppedPlace {
  const { at, service } = known;
  const read = at !== undefined && service ? {} : placeInText(text);
  const time = at === undefined ? { at: read.at, zoneless: read.zoneless } : { at };
  return defined({ ...time, service: service || read.service });
}

function defined({ at, zoneless, service }: DroppedPlace): DroppedPlace {
  return {
    ...(at === undefined ? {} : { at }),
    ...(zoneless ? { zoneless } : {}),
    ...(service ? { service } : {}),
  };
}

/** The time of a dropped record where a person chose the zone of times that name none. */
export function inZone(
  { at, zoneless }: DroppedPlace,
  zone: string | undefined,
): Pick<DroppedPlace, 'at'> {
  if (at === undefined || !zoneless || zone === undefined) return { at };
  return { at: at - (zoneOffset(zone, at) ?? 0n) };
}

/** True for a time that a record may have. */
export const isPlausible = (ns: bigint): boolean => ns >= EARLIEST && ns < LATEST;

function timeIn(text: string): Pick<DroppedPlace, 'at' | 'zoneless'> {
  for (const [, quoted, bare] of text.matchAll(FIELD_TIME)) {
    const read = readTime(quoted ?? bare ?? '');
    if (read) return read;
  }
  const word = WORD_TIME.exec(text);
  const named = word && readTime(word[1] ?? word[2] ?? '');
  if (named) return named;
  // A time within a document may be of anything that it tells of.
  const line = /^\s*[[{]\s*"/.test(text) ? null : LINE_TIME.exec(text);
  return (line && line.index < BEGIN && readTime(line[0])) || {};
}

function readTime(text: string): Pick<DroppedPlace, 'at' | 'zoneless'> | undefined {
  const assumed: string[] = [];
  const reader = new TimeReader({ add: (code) => void assumed.push(code) });
  const at = reader.read(text);
  if (at === undefined || !isPlausible(at)) return undefined;
  if (assumed.includes('year-assumed') || assumed.includes('day-or-month-first')) return undefined;
  return assumed.includes('zone-unknown') ? { at, zoneless: true } : { at };
}

function serviceIn(text: string): string | undefined {
  for (const form of SERVICE_FORMS) {
    const found = form.exec(text);
    const name = found?.[1] ?? found?.[2];
    if (name !== undefined && name.trim() !== '') return redactText(name);
  }
  return undefined;
}
