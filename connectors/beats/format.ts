import {
  LogObjects,
  RowSink,
  headJsonLines,
  isJsonObject,
  jsonObjects,
  parseExact,
  readRecords,
  type Described,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';

/** What the shippers add for themselves and no reader asks for. */
const OWN = ['@metadata', '@version', 'ecs'] as const;

const describe = (): Described => ({
  signals: ['logs'],
  time: 'text',
  zone: 'stated',
  clock: 'the shipper, or the application where the shipper parsed its time',
  guessed: false,
});

function shipped(of: Pick<FileFormat, 'id' | 'title' | 'sniff'>): FileFormat {
  return {
    ...of,
    tables: ['resources', 'logs'],
    describe,
    read: (source, signal, choices) => {
      const sink = new RowSink();
      const objects = new LogObjects(sink, choices);
      return readRecords(jsonObjects(source, signal, parseExact), {
        sink,
        signal: 'logs',
        add: (value) => objects.add(withoutOwn(value)),
      });
    },
  };
}

function withoutOwn(value: JsonObject): JsonObject {
  const out: Record<string, unknown> = { ...value };
  for (const key of OWN) delete out[key];
  return out;
}

/** Events of Filebeat (and other Beats) from its file, Kafka or Redis output. */
export const filebeatJson: FileFormat = shipped({
  id: 'filebeat-json',
  title: 'Filebeat events, JSON lines',
  sniff: (head) =>
    sniffed(
      head,
      isBeat,
      '"@timestamp" and "@metadata" or "agent" of a Beat, as Filebeat writes them',
    ),
});

/** Events of Logstash's json_lines codec (file, TCP and Kafka outputs), and of its encoders for Logback and Log4j. */
export const logstashJson: FileFormat = shipped({
  id: 'logstash-json',
  title: 'Logstash events, JSON lines',
  sniff: (head) =>
    sniffed(head, isLogstash, '"@timestamp" and "@version", as Logstash writes them'),
});

function isBeat(event: JsonObject): boolean {
  const { '@metadata': metadata, agent, beat, ecs } = event;
  if (typeof event['@timestamp'] !== 'string') return false;
  if (isJsonObject(metadata) && typeof metadata['beat'] === 'string') return true;
  if (isJsonObject(beat) && typeof beat['version'] === 'string') return true;
  const type = isJsonObject(agent) ? agent['type'] : undefined;
  return isJsonObject(ecs) && typeof type === 'string' && type.endsWith('beat');
}

function isLogstash(event: JsonObject): boolean {
  const version = event['@version'];
  return typeof event['@timestamp'] === 'string' && (version === '1' || version === 1);
}

function sniffed(
  head: Head,
  fits: (event: JsonObject) => boolean,
  why: string,
): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const found = lines.filter(fits);
  return found.length > 0 && found.length >= lines.length * 0.8
    ? { confidence: 0.94, why: `JSON lines with ${why}.` }
    : { confidence: 0, why: '' };
}
