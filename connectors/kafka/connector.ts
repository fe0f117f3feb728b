import {
  RetryCount,
  disjointWindows,
  type Catalog,
  type CatalogItem,
  type Connector,
  type ConnectorEnv,
  type ConnectorFactory,
  type Probe,
} from '../../core/connect';
import type { TimeWindow } from '../../core/base';
import type { Notice } from '../../core/model';
import { KafkaClient } from './client';
import { PAYLOADS, type OtlpReader } from './payload';
import { itemOf, wantedTopics } from './plan';
import { pullRecords } from './pull';
import { FETCH_KIB, LATE_S, config, settingsOf, type KafkaSettings } from './settings';
import { survey } from './survey';

/** Topics of Kafka that carry OTLP, JSON log records or log lines. `otlp` reads the first. */
export function kafkaWith(otlp: OtlpReader): ConnectorFactory {
  return {
    id: 'kafka',
    title: 'Kafka',
    signals: ['logs', 'spans', 'samples', 'alerts', 'changes'],
    exampleUrl: 'kafka://127.0.0.1:9092',
    fields: [
      {
        name: 'topics',
        label: 'Topics',
        hint: 'otlp_*, app-logs: names or patterns; all that are not internal unless given',
        required: false,
      },
      {
        name: 'payload',
        label: 'Payload',
        hint: 'what the values are: OTLP, JSON log records or log lines; guessed from some of them unless given',
        required: false,
        options: ['auto', ...PAYLOADS],
      },
      {
        name: 'mapping',
        label: 'Mapping',
        hint: 'what JSON of unknown shape means, as a mapping file says it; log records are known without one',
        required: false,
        mapping: true,
      },
      {
        name: 'late',
        label: 'Late by, in seconds',
        hint: `${LATE_S}; how much later than made a record may have come to Kafka: so much more is read behind each window`,
        required: false,
      },
      {
        name: 'offsets',
        label: 'Offsets',
        hint: 'app-logs/0=100-200, app-logs/1=50-: exactly these records instead of those of the windows',
        required: false,
      },
      {
        name: 'fetch',
        label: 'KiB per request',
        hint: `${FETCH_KIB}; what is asked for and committed at once`,
        required: false,
      },
    ],
    config,
    open: (given, env) => open(settingsOf(config.parse(given)), otlp, env),
  };
}

function open(settings: KafkaSettings, otlp: OtlpReader, env: ConnectorEnv): Connector {
  return {
    probe: (signal) => probe(env, signal),
    discover: (windows, signal) => discover(env, otlp, settings, windows, signal),
    pull: (request, signal) => pullRecords(env, otlp, settings, request, signal),
  };
}

/** A broker does not say its release; the newest version of its Fetch API gives it away (clients/…/FetchRequest.json). */
const RELEASES: readonly (readonly [number, string])[] = [
  [18, '4.1'],
  [17, '3.9'],
  [16, '3.7'],
  [15, '3.5'],
  [13, '3.1'],
  [12, '2.7'],
  [11, '2.3'],
  [10, '2.1'],
  [8, '2.0'],
  [4, '0.11'],
];

async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const retries = new RetryCount();
  const client = new KafkaClient(env, signal, retries);
  const { clusterId, brokers, fetchVersion } = await client.cluster();
  const topics = await client.topics();
  const own = topics.filter(({ internal }) => !internal);
  const partitions = own.reduce((sum, topic) => sum + topic.partitions.length, 0);
  const release = RELEASES.find(([version]) => fetchVersion >= version)?.[1];
  const retried = retries.notice();
  return {
    product: release === undefined ? 'Kafka' : `Kafka ${release} or later`,
    version: release ?? '',
    facts: [
      `cluster ${clusterId}`,
      `${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`,
      `${own.length} topics with ${partitions} partitions`,
    ],
    notices: [...(retried ? [retried] : []), ...offlineNotice(own)],
  };
}

function offlineNotice(
  topics: readonly { readonly name: string; readonly offline: readonly number[] }[],
): readonly Notice[] {
  const places = topics.flatMap(({ name, offline }) => offline.map((of) => `${name}/${of}`));
  if (places.length === 0) return [];
  const message = `${places.length} partitions have no leader now and can't be read: ${places.slice(0, 3).join(', ')}.`;
  return [{ code: 'partitions-offline', severity: 'warning', count: places.length, message }];
}

async function discover(
  env: ConnectorEnv,
  otlp: OtlpReader,
  settings: KafkaSettings,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Catalog> {
  const retries = new RetryCount();
  const client = new KafkaClient(env, signal, retries);
  const only = wantedTopics(settings, undefined);
  const request = { windows: disjointWindows(windows), only };
  const topics = await survey(client, otlp, settings, request, signal);
  const items = topics.map(({ name, counts, ranges, guess }): CatalogItem => {
    const readable = settings.payload !== undefined || guess.payload !== undefined;
    return {
      id: itemOf(name),
      title: name,
      signal: guess.signal,
      count: counts.reduce((sum, count) => sum + count, 0),
      unit: 'records',
      mapping: guess.said,
      selected: readable && ranges.length > 0,
    };
  });
  const notices = [...offlineNotice(topics)];
  const filled = topics.filter(({ ranges }) => ranges.length > 0).map(({ name }) => name);
  const compacted = filled.length > 0 ? await client.compacted(filled) : new Set<string>();
  if (compacted.size > 0) {
    const which = [...compacted].slice(0, 3).join(', ');
    const message = `${compacted.size} topics keep only the last value of a key (${which}): their counts are of offsets, and some hold no record any more.`;
    notices.push({ code: 'topics-compacted', severity: 'info', count: compacted.size, message });
  }
  const retried = retries.notice();
  if (retried) notices.push(retried);
  return { items, notices };
}
