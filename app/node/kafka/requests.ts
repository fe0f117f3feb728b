import errors from 'kafkajs/src/protocol/error.js';
import protocol from 'kafkajs/src/protocol/requests/index.js';
import type { Brokers, Metadata } from './brokers';

/** Kafka 0.11 and later, 4 included. */
const LIST_OFFSETS_VERSION = 2;
const FETCH_VERSION = 4;
const READ_COMMITTED = 1;
/** Where the log ends, what is not decided yet included: readers are told that something is missing there. */
const READ_UNCOMMITTED = 0;
const TOPIC_RESOURCE = 2;
const FETCH_API = '1';

export interface ClusterFacts {
  readonly clusterId: string;
  readonly brokers: number;
  /** The newest version of the Fetch API that it speaks, by which its release is known. */
  readonly fetchVersion: number;
}

export async function clusterFacts(brokers: Brokers): Promise<ClusterFacts> {
  const broker = await brokers.any();
  const metadata = await brokers.metadata();
  return {
    clusterId: metadata.clusterId,
    brokers: metadata.brokers.length,
    fetchVersion: broker.versions[FETCH_API]?.maxVersion ?? 0,
  };
}

/** Topics that this sign-in may see, with their partitions; `offline` have no leader now. */
export async function listTopics(brokers: Brokers) {
  const { topicMetadata } = await brokers.metadata();
  const topics = topicMetadata
    .filter(({ topicErrorCode }) => topicErrorCode === 0)
    .map(({ topic, isInternal, partitionMetadata }) => ({
      name: topic,
      internal: isInternal,
      partitions: partitionMetadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b),
      offline: partitionMetadata
        .filter(({ leader }) => leader < 0)
        .map(({ partitionId }) => partitionId),
    }));
  return { topics };
}

const SPECIAL: Readonly<Record<string, string>> = { earliest: '-2', latest: '-1' };

interface OffsetsAnswer {
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { partition: number; errorCode: number; offset: string }[];
  }[];
}

/**
 * The offset of the first record whose time is `at` (milliseconds) or later in every partition of the topics, or of
 * the 'earliest' and of what will be written next ('latest'); -1 where there is none.
 * `error` names what single partitions answered instead.
 */
export async function listOffsets(brokers: Brokers, topics: readonly string[], at: string) {
  const timestamp = SPECIAL[at] ?? at;
  const metadata = await brokers.metadata();
  const found = new Map<string, { partition: number; offset: string; error?: string }[]>();
  const asked = await Promise.all(
    [...byLeader(metadata, topics)].map(async ([leader, wanted]) => {
      const broker = await brokers.node(leader);
      const ask = protocol.requests.ListOffsets.protocol({ version: LIST_OFFSETS_VERSION });
      return brokers.ask<OffsetsAnswer>(
        broker,
        ask({
          isolationLevel: READ_UNCOMMITTED,
          topics: [...wanted].map(([topic, partitions]) => ({
            topic,
            partitions: partitions.map((partition) => ({ partition, timestamp })),
          })),
        }),
      );
    }),
  );
  for (const { topic, partitions } of asked.flatMap(({ responses }) => responses)) {
    const list = found.get(topic) ?? [];
    found.set(topic, list);
    for (const { partition, errorCode, offset } of partitions) {
      if (errorCode === 0) list.push({ partition, offset });
      else list.push({ partition, offset: '-1', error: nameOf(brokers, errorCode) });
    }
  }
  return {
    topics: topics.map((topic) => ({
      topic,
      partitions: (found.get(topic) ?? []).sort((a, b) => a.partition - b.partition),
    })),
  };
}

function nameOf(brokers: Brokers, code: number): string {
  // A leader may have moved: the next question goes to the new one.
  brokers.forgetMetadata();
  return errors.createErrorFromCode(code).type;
}

function byLeader(
  { topicMetadata }: Metadata,
  topics: readonly string[],
): ReadonlyMap<number, ReadonlyMap<string, readonly number[]>> {
  const leaders = new Map<number, Map<string, number[]>>();
  const wanted = new Set(topics);
  for (const { topic, partitionMetadata } of topicMetadata) {
    if (!wanted.has(topic)) continue;
    for (const { leader, partitionId } of partitionMetadata) {
      if (leader < 0) continue;
      const of = leaders.get(leader) ?? new Map<string, number[]>();
      leaders.set(leader, of);
      of.set(topic, [...(of.get(topic) ?? []), partitionId]);
    }
  }
  return leaders;
}

/** `cleanup.policy` of the topics ("delete", "compact"), as far as this sign-in may read it. */
export async function topicPolicies(brokers: Brokers, topics: readonly string[]) {
  const broker = await brokers.any();
  const names = topics.map((name) => ({
    type: TOPIC_RESOURCE,
    name,
    configNames: ['cleanup.policy'],
  }));
  const { resources } = await broker.describeConfigs({ resources: names });
  return {
    topics: resources.map(({ resourceName, configEntries }) => ({
      topic: resourceName,
      policy:
        configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue ?? '',
    })),
  };
}

export interface RecordsRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Most bytes of an answer; a batch of records that is larger comes whole all the same. */
  readonly maxBytes: number;
  /** How long the broker may wait for records where there are none. */
  readonly waitMs: number;
}

/**
 * Committed records of a partition from an offset on: what the broker answers for it in Fetch version 4
 * ("partition_header record_set" of the protocol guide), from high_watermark on: int64 high watermark, int64 last
 * stable offset, int32 count of aborted transactions with int64 producer id and int64 first offset each, int32
 * length of the record batches, and the batches as they lie in the log.
 */
export async function fetchRecords(brokers: Brokers, asked: RecordsRequest): Promise<Uint8Array> {
  const { topic, partition, offset, maxBytes, waitMs } = asked;
  const { topicMetadata } = await brokers.metadata();
  const place = topicMetadata
    .find((of) => of.topic === topic)
    ?.partitionMetadata.find(({ partitionId }) => partitionId === partition);
  if (!place) throw errors.createErrorFromCode(UNKNOWN_PARTITION);
  if (place.leader < 0) throw errors.createErrorFromCode(NO_LEADER);
  const broker = await brokers.node(place.leader);
  const ask = protocol.requests.Fetch.protocol({ version: FETCH_VERSION });
  const { request } = ask({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, maxBytes }] }],
  });
  const decode = (payload: Buffer): Promise<Buffer> => Promise.resolve(payload);
  return partitionOf(await brokers.ask<Buffer>(broker, { request, response: { decode } }));
}

const UNKNOWN_PARTITION = 3;
const NO_LEADER = 5;

/** throttle_time_ms, one topic with its name, one partition: its number, its error, and the rest. */
function partitionOf(payload: Buffer): Uint8Array {
  let at = 4;
  const topics = payload.readInt32BE(at);
  at += 4;
  if (topics === 0) throw errors.createErrorFromCode(UNKNOWN_PARTITION);
  at += 2 + payload.readInt16BE(at) + 4 + 4;
  const code = payload.readInt16BE(at);
  at += 2;
  if (code !== 0) throw errors.createErrorFromCode(code);
  return new Uint8Array(payload.subarray(at));
}
