import { throwIfAborted, type TimeWindow } from '../../core/base';
import {
  RetryCount,
  disjointWindows,
  rowsWithin,
  type ConnectorEnv,
  type DroppedRecord,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import type { Batch, Signal } from '../../core/model';
import { KafkaClient, isRefused } from './client';
import { conclusion } from './conclusion';
import { PayloadReader, type OtlpReader } from './payload';
import { makePlan } from './plan';
import { readCursor, writeCursor, type Part, type Position, type TopicPlan } from './position';
import type { FetchedRecords } from './record-batch';
import { recordInSample, wantedRows, weighed } from './sampling';
import type { KafkaSettings } from './settings';
import { Tally } from './tally';

/** Reads partition after partition, an answer of the broker at a time, each followed by a mark. */
export async function* pullRecords(
  env: ConnectorEnv,
  otlp: OtlpReader,
  settings: KafkaSettings,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  const retries = new RetryCount();
  const client = new KafkaClient(env, signal, retries);
  const windows = disjointWindows(request.windows);
  const { resumeAt } = request;
  throwIfAborted(signal);
  const at =
    resumeAt === undefined
      ? await makePlan(client, otlp, settings, request, windows, signal)
      : readCursor(resumeAt);
  if (resumeAt === undefined) yield mark(at);
  yield* new Pull(client, otlp, settings, windows, at, signal).run();
  throwIfAborted(signal);
  yield* conclusion(at, windows, request.budget);
  const retried = retries.notice();
  if (retried) yield { kind: 'notice', notice: retried };
}

const mark = (at: Position): PullItem => ({ kind: 'mark', cursor: writeCursor(at) });

/** Bytes that a broker and a record need beside its value, about. */
const OVERHEAD = 80;
const SMALLEST_FETCH = 16 << 10;
/** Records by which a part is made longer at least. */
const SMALLEST_STEP = 1000;

interface Chunk {
  readonly batches: readonly Batch[];
  readonly dropped: readonly DroppedRecord[];
}

class Pull {
  private readonly tally: Tally;

  constructor(
    private readonly client: KafkaClient,
    private readonly otlp: OtlpReader,
    private readonly settings: KafkaSettings,
    private readonly windows: readonly TimeWindow[],
    private readonly at: Position,
    private readonly signal: AbortSignal,
  ) {
    this.tally = new Tally(at.tally);
  }

  async *run(): AsyncGenerator<PullItem, void, void> {
    const { at } = this;
    for (let part = at.parts[at.at.part]; part; part = at.parts[at.at.part]) {
      const topic = at.topics[part.topic];
      if (topic) yield* this.part(part, topic);
      const next = at.parts[at.at.part + 1];
      at.at = { part: at.at.part + 1, offset: next?.from ?? 0, latest: 0 };
      yield mark(at);
    }
  }

  private async *part(part: Part, topic: TopicPlan): AsyncGenerator<PullItem, void, void> {
    const { at } = this;
    for (;;) {
      const from = at.at.offset;
      const place = `${topic.name}/${part.partition}`;
      try {
        if (from >= part.to) {
          if (!(await this.goesOn(part, topic))) return;
          this.tally.add('times-jump', 1, `${place} at ${part.to}`);
          this.extend(part);
          continue;
        }
        const { batches, dropped } = await this.chunk(part, topic);
        for (const batch of batches) yield { kind: 'batch', batch };
        for (const records of dropped) yield { kind: 'dropped', records };
      } catch (error) {
        if (!isRefused(error) || !(error instanceof Error)) throw error;
        this.tally.add('partitions-refused', 1, `${place} from ${at.at.offset}: ${error.message}`);
        return;
      }
      const label = `${place} at ${at.at.offset}`;
      yield { kind: 'progress', done: at.read, total: at.planned, unit: 'records', label };
      if (at.at.offset < part.to) yield mark(at);
    }
  }

  /**
   * The search by time finds the first record that is late enough: one with a wrong clock hides those behind it. Looks
   * whether records of the windows still come behind the end of a part.
   */
  private async goesOn(part: Part, topic: TopicPlan): Promise<boolean> {
    const until = part.end;
    for (let from = part.to; from < until;) {
      const options = { until, maxBytes: SMALLEST_FETCH };
      const fetched = await this.client.records(topic.name, part.partition, from, options);
      let seen = false;
      for await (const batch of fetched.batches(this.signal)) {
        while (batch.next()) {
          if (batch.offset < from || batch.offset >= until) continue;
          if (this.isWithin(batch.timestamp)) return true;
          seen = true;
        }
      }
      if (seen || fetched.next <= from) return false;
      from = fetched.next;
    }
    return false;
  }

  private isWithin(ms: number): boolean {
    return Number.isSafeInteger(ms) && this.holds(BigInt(ms) * 1_000_000n);
  }

  private holds(ts: bigint): boolean {
    return this.windows.some(({ from, to }) => ts >= from && ts < to);
  }

  private extend(part: Part): void {
    const more = Math.max(SMALLEST_STEP, Math.floor((part.to - part.from) / 4));
    const to = Math.min(part.end, part.to + more);
    this.at.planned += to - part.to;
    part.to = to;
  }

  /** One answer of the broker: the rows of its records, and the position behind them. */
  private async chunk(part: Part, topic: TopicPlan): Promise<Chunk> {
    const { at, settings } = this;
    const from = at.at.offset;
    const until = part.to;
    const likely = (until - from) * (topic.bytes + OVERHEAD) * 2;
    const maxBytes = Math.min(settings.fetchBytes, Math.max(SMALLEST_FETCH, likely));
    const fetched = await this.fetch(part, topic, { from, until, maxBytes });
    if (!fetched) return { batches: [], dropped: [] };
    const of = { topic: topic.name, partition: part.partition };
    const reader = (): PayloadReader =>
      new PayloadReader(topic.payload, of, this.otlp, settings.mapping);
    // Those in the sample come whole, of the others their errors.
    const [chosen, others] = [reader(), reader()];
    let records = 0;
    let early = 0;
    for await (const batch of fetched.batches(this.signal)) {
      while (batch.next()) {
        if (batch.offset < from || batch.offset >= until) continue;
        records++;
        if (batch.timestamp < at.at.latest) early++;
        else at.at.latest = batch.timestamp;
        const { offset } = batch;
        (recordInSample({ ...of, offset }, topic.share) ? chosen : others).add(batch);
      }
    }
    throwIfAborted(this.signal);
    const place = `${topic.name}/${part.partition}`;
    this.tally.add('times-out-of-order', early, place);
    this.tally.add('tombstones', chosen.tombstones + others.tombstones, place);
    this.account(fetched, place, { from, until, records });
    at.read += records;
    const [some, rest] = [this.rows(chosen, topic, true), this.rows(others, topic, false)];
    return {
      batches: [...some.batches, ...rest.batches],
      dropped: [...some.dropped, ...rest.dropped],
    };
  }

  /** Asks for records; where Kafka has deleted them meanwhile, goes to the first that are left. */
  private async fetch(
    part: Part,
    topic: TopicPlan,
    { from, until, maxBytes }: { from: number; until: number; maxBytes: number },
  ): Promise<FetchedRecords | undefined> {
    const { client, at } = this;
    try {
      return await client.records(topic.name, part.partition, from, { until, maxBytes });
    } catch (error) {
      if (!isRefused(error)) throw error;
      const low = (await client.offsets([topic.name], 'earliest'))
        .get(topic.name)
        ?.get(part.partition);
      if (low === undefined || low <= from) throw error;
      const next = Math.min(part.to, low);
      this.tally.add('retention-passed', next - from, `${topic.name}/${part.partition} at ${from}`);
      at.at.offset = next;
      return undefined;
    }
  }

  /** Moves on behind an answer, and says what its offsets held where it was no record. */
  private account(
    fetched: FetchedRecords,
    place: string,
    { from, until, records }: { from: number; until: number; records: number },
  ): void {
    const { tally } = this;
    let { next } = fetched;
    if (next <= from) {
      // Nothing came: what follows is not decided yet, or was compacted away.
      next = Math.min(until, Math.max(from, fetched.stable));
      if (next <= from) {
        tally.add('transaction-open', until - from, `${place} at ${from}`);
        this.at.at.offset = until;
        return;
      }
    }
    const lost = fetched.lost.reduce((sum, batch) => sum + batch.records, 0);
    for (const { offset, records: count, reason } of fetched.lost) {
      tally.add('batches-dropped', count, `${place} at ${offset} (${reason})`);
    }
    tally.add('transaction-marks', fetched.control);
    tally.add('rolled-back', fetched.aborted);
    const held = records + lost + fetched.control + fetched.aborted;
    tally.add('offsets-without-record', Math.max(0, next - from - held), place);
    this.at.at.offset = next;
  }

  private rows(reader: PayloadReader, { share }: TopicPlan, inSample: boolean): Chunk {
    const { tally } = this;
    const { batches, dropped, notices } = reader.take();
    for (const { where, reason } of dropped)
      tally.add('records-dropped', 1, `${where} (${reason})`);
    for (const notice of notices) tally.notice(notice);
    const everything = this.settings.offsets !== undefined;
    const wanted = wantedRows(share, inSample);
    const inside = rowsWithin(batches, this.windows, { wanted, everything });
    for (const { signal, within, kept, outside } of inside.seen) {
      this.keep(signal, within, kept);
      tally.add(everything ? 'rows-outside-kept' : 'rows-outside', outside);
    }
    const left = dropped.filter(({ at }) => everything || at === undefined || this.holds(at));
    return { batches: inside.batches.map((batch) => weighed(batch, share)), dropped: left };
  }

  private keep(signal: Signal, within: readonly number[], kept: readonly number[]): void {
    const { rows } = this.at;
    let of = rows.find((one) => one.signal === signal);
    const none = (): number[] => this.windows.map(() => 0);
    if (!of) rows.push((of = { signal, within: none(), kept: none() }));
    for (const i of this.windows.keys()) {
      of.within[i] = (of.within[i] ?? 0) + (within[i] ?? 0);
      of.kept[i] = (of.kept[i] ?? 0) + (kept[i] ?? 0);
    }
  }
}
