import { readFileSync } from 'node:fs';
import {
  Kafka,
  logLevel,
  type Admin,
  type KafkaConfig,
  type Message,
  type Producer,
} from 'kafkajs';

/** A record as a producer sends it; `at` in milliseconds, partitions are given by the test. */
export interface Sent {
  readonly at: number;
  readonly value: string | Buffer | null;
  readonly partition: number;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Cluster {
  readonly client: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  /** Makes a topic and fills it. */
  fill(
    topic: string,
    partitions: number,
    records: readonly Sent[],
    settings?: Readonly<Record<string, string>>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Records in one request of the producer, so that a log has many batches. */
const AT_ONCE = 100;

export async function connect(
  address: string,
  { caFile, sasl }: { readonly caFile?: string; readonly sasl?: KafkaConfig['sasl'] },
): Promise<Cluster> {
  const client = new Kafka({
    clientId: 'test',
    brokers: [address],
    ssl: caFile === undefined ? false : { ca: [readFileSync(caFile, 'utf8')] },
    sasl,
    logLevel: logLevel.NOTHING,
  });
  const admin = client.admin();
  await admin.connect();
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const make = (topic: string, partitions: number, settings: Readonly<Record<string, string>>) => {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const spec = { topic, numPartitions: partitions, replicationFactor: 1, configEntries };
    return admin.createTopics({ waitForLeaders: true, topics: [spec] });
  };
  return {
    client,
    admin,
    producer,
    fill: async (topic, partitions, records, settings = {}) => {
      await make(topic, partitions, settings);
      for (let from = 0; from < records.length; from += AT_ONCE) {
        await producer.send({
          topic,
          messages: records.slice(from, from + AT_ONCE).map(messageOf),
        });
      }
    },
    close: async () => {
      await producer.disconnect();
      await admin.disconnect();
    },
  };
}

export function messageOf({ at, value, partition, key, headers }: Sent): Message {
  return { timestamp: String(at), value, partition, key: key ?? null, headers: { ...headers } };
}
