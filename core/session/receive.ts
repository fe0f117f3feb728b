import { FaultlineError, asFaultlineError, hashHex } from '../base';
import { droppedCounts, readPostedBy, type Mapping } from '../connect';
import type { Delivery, DeliveryAnswer, OtlpSignal } from '../host';
import type { Batch, DroppedCount, Notice, Signal } from '../model';
import type { CaseStore, SourceIdentity, SourceWriter } from '../store';

/** What a delivery holds, once decoded. */
export interface DecodedDelivery {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  /** Why records were dropped, for their sender. */
  readonly why?: string;
  /** The same by service and time. */
  readonly droppedAt?: readonly DroppedCount[];
  readonly notices: readonly Notice[];
}

interface DecodedBatches {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  readonly droppedAt: readonly DroppedCount[];
  readonly notices: readonly Notice[];
  readonly reasons?: ReadonlyMap<string, number>;
}

type DecodeWebhook = (body: Uint8Array) => DecodedBatches;

/** The connectors' decoders, which the shells hand over. */
export interface DeliveryDecoders {
  readonly otlp: (
    signal: OtlpSignal,
    encoding: 'json' | 'protobuf',
    body: Uint8Array,
  ) => DecodedBatches;
  /** By the name NAME of /webhook/NAME. */
  readonly webhooks: ReadonlyMap<string, DecodeWebhook>;
}

export interface DeliveryDecoder {
  /** Names under which something may be posted. */
  readonly webhooks: readonly string[];
  /** What a session takes, but for the answer; `at` is when it came, ns. */
  incoming(delivery: Delivery, at?: bigint): Omit<IncomingDelivery, 'answer'>;
}

/** Webhooks whose bodies are always read as what they are. */
const OWN = 'alertmanager';
const WEBHOOK_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** What keeps a mapping from being used for what is posted to /webhook/`name`; '' where nothing does. */
export function webhookFault(name: string): string {
  if (name === OWN) return `what is posted to /webhook/${OWN} needs no mapping`;
  return WEBHOOK_NAME.test(name)
    ? ''
    : `"${name}" is no name for a webhook: use letters, digits, dots, dashes and underscores`;
}

/**
 * Chooses the decoder of a delivery. `mappings` are of webhooks by name, and go before what is known of a name
 * otherwise. Throws 'usage' where one can't be used.
 */
export function deliveryDecoder(
  { otlp, webhooks }: DeliveryDecoders,
  mappings: ReadonlyMap<string, Mapping> = new Map(),
): DeliveryDecoder {
  const all = new Map(webhooks);
  for (const [name, mapping] of mappings) {
    const fault = webhookFault(name);
    if (fault !== '') throw new FaultlineError('usage', `It can't be received so: ${fault}.`);
    all.set(name, (body) => readPostedBy(mapping, name, body));
  }
  const decoded = (delivery: Delivery): DecodedBatches => {
    if (delivery.protocol !== 'webhook') {
      const { protocol, signal, body } = delivery;
      return otlp(signal, protocol === 'http/json' ? 'json' : 'protobuf', body);
    }
    const decode = all.get(delivery.name);
    if (decode) return decode(delivery.body);
    throw new FaultlineError(
      'format/unknown',
      `Nothing says how to read /webhook/${delivery.name}.`,
    );
  };
  return {
    webhooks: [...all.keys()],
    incoming: (delivery, at) => ({
      body: delivery.body,
      signal: signalOf(delivery, mappings),
      ...(at === undefined ? {} : { at }),
      ...(delivery.protocol === 'webhook' ? { name: delivery.name } : {}),
      decode: () => {
        const { batches, dropped, droppedAt, notices, reasons } = decoded(delivery);
        const why = [...(reasons?.keys() ?? [])].slice(0, 3).join('; ');
        return { batches, dropped, droppedAt, notices, ...(why === '' ? {} : { why }) };
      },
    }),
  };
}

const SIGNALS: Readonly<Record<OtlpSignal, Signal>> = {
  traces: 'spans',
  logs: 'logs',
  metrics: 'samples',
};

/** What a delivery that can't be read was to bring. */
function signalOf(delivery: Delivery, mappings: ReadonlyMap<string, Mapping>): Signal {
  if (delivery.protocol !== 'webhook') return SIGNALS[delivery.signal];
  return mappings.get(delivery.name)?.target ?? 'alerts';
}

export interface IncomingDelivery {
  readonly body: Uint8Array;
  /** What it was to bring, and when it came, ns: for one that is refused. */
  readonly signal?: Signal;
  readonly at?: bigint;
  /** The webhook that it was posted to: the same bytes under two names are two deliveries. */
  readonly name?: string;
  decode(): DecodedDelivery;
  /** Tells the sender: of success only after the commit. */
  answer(answer: DeliveryAnswer): void;
}

/** Keys kept to recognise a delivery that is sent again (its answer was lost): minutes of a busy sender. */
const KEYS_KEPT = 5000;

interface ReceiveCursor {
  readonly keys: readonly string[];
  /** What deliveries gave notice of so far; stored as notices when the source is finished. */
  readonly notices?: readonly Notice[];
  readonly dropped?: number;
}

/** What is in the commit that is being made: first sights and repeats of them alike. */
interface Accepted {
  readonly delivery: IncomingDelivery;
  readonly key: string;
  readonly dropped: number;
  readonly why?: string;
  readonly notices: readonly Notice[];
  readonly repeat: boolean;
}

/**
 * Deliveries of a receiver into one source of the case. Those that arrive together commit together;
 * each is answered after its commit. The source of a run that was killed is partial and goes on.
 */
export class ReceiveSession {
  private readonly queue: IncomingDelivery[] = [];
  /** Of committed deliveries, oldest first. */
  private readonly keys: Set<string>;
  /** Of committed deliveries, also of runs before this one. */
  private notices: readonly Notice[];
  private droppedInAll: number;
  private working: Promise<void> | undefined;
  private busy = false;
  /** Deliveries that can't be read, since the last commit. */
  private refused: IncomingDelivery[] = [];
  rows = 0;
  deliveries = 0;
  repeats = 0;
  dropped = 0;

  private constructor(private readonly writer: SourceWriter) {
    const cursor = writer.cursor ? (JSON.parse(writer.cursor) as ReceiveCursor) : { keys: [] };
    this.keys = new Set(cursor.keys);
    this.notices = cursor.notices ?? [];
    this.droppedInAll = cursor.dropped ?? 0;
    this.rows = writer.rows;
  }

  /** Goes on with the receiver's partial source of an earlier run, else begins a new one. */
  static async start(store: CaseStore, now: bigint): Promise<ReceiveSession> {
    const { sources } = await store.facts();
    const partial = sources.find((s) => s.connector === 'otlp-receiver' && s.state === 'partial');
    const identity: SourceIdentity = partial ?? {
      connector: 'otlp-receiver',
      name: 'OpenTelemetry receiver',
      endpoint: '',
      query: JSON.stringify({ startedAt: String(now) }),
      window: null,
    };
    return new ReceiveSession(await store.beginSource(identity, now));
  }

  /** Queues a delivery; it is answered when its rows are committed. */
  receive(delivery: IncomingDelivery): void {
    this.queue.push(delivery);
    if (!this.busy) this.working = this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    while (this.queue.length > 0) {
      const accepted = new Map<string, Accepted[]>();
      for (const delivery of this.queue.splice(0)) this.accept(delivery, accepted);
      await this.commit([...accepted.values()].flat());
    }
    // In one breath with the look into the queue, or a delivery in between would wait for the next one.
    this.busy = false;
  }

  private accept(delivery: IncomingDelivery, accepted: Map<string, Accepted[]>): void {
    const key = deliveryKey(delivery.body, delivery.name);
    if (this.keys.has(key)) {
      this.repeats++;
      delivery.answer({ dropped: 0 });
      return;
    }
    // A repeat of what is not committed yet has to wait for the same commit.
    const same = accepted.get(key);
    if (same) {
      const { dropped, why } = same[0] ?? { dropped: 0 };
      same.push({ delivery, key, dropped, ...(why ? { why } : {}), notices: [], repeat: true });
      return;
    }
    try {
      const { batches, droppedAt = [], ...rest } = delivery.decode();
      for (const batch of batches) this.writer.add(batch);
      for (const count of droppedAt) this.writer.left(count);
      accepted.set(key, [{ delivery, key, ...rest, repeat: false }]);
    } catch (error) {
      const { message } = asFaultlineError(error);
      this.refused.push(delivery);
      delivery.answer({ dropped: 0, refused: { message, retryable: false } });
    }
  }

  private async commit(accepted: readonly Accepted[]): Promise<void> {
    if (accepted.length === 0 && this.refused.length === 0) return;
    const pending = this.writer.pending;
    const keys = [...new Set([...this.keys, ...accepted.map(({ key }) => key)])].slice(-KEYS_KEPT);
    const fresh = accepted.filter(({ repeat }) => !repeat);
    const said = [...fresh.flatMap((each) => each.notices), ...this.refusals()];
    const notices = sumNotices([...this.notices, ...said]);
    const dropped = fresh.reduce((sum, each) => sum + each.dropped, this.droppedInAll);
    try {
      await this.writer.commit(JSON.stringify({ keys, notices, dropped } satisfies ReceiveCursor));
    } catch (error) {
      // Its sender sends it again: what is left in the writer would come twice.
      await this.writer.suspend();
      const refused = { message: asFaultlineError(error).message, retryable: true };
      for (const { delivery } of accepted) delivery.answer({ dropped: 0, refused });
      return;
    }
    this.rows += pending;
    this.dropped += dropped - this.droppedInAll;
    this.deliveries += fresh.length;
    this.repeats += accepted.length - fresh.length;
    this.notices = notices;
    this.droppedInAll = dropped;
    for (const each of accepted) {
      this.keys.add(each.key);
      const { dropped: rejected, why } = each;
      each.delivery.answer({ dropped: rejected, ...(why ? { why } : {}) });
    }
    for (const key of this.keys) {
      if (this.keys.size <= KEYS_KEPT) break;
      this.keys.delete(key);
    }
  }

  /** What was refused, into the coverage of the source and as a notice. */
  private refusals(): readonly Notice[] {
    const refused = this.refused.splice(0);
    const counts = droppedCounts(
      refused.map(({ signal = 'logs', at }) => ({ signal, at, why: 'refused' })),
    );
    for (const count of counts) this.writer.left(count);
    if (refused.length === 0) return [];
    const count = refused.length;
    const message = `${count} of the deliveries could not be read and had to be refused: their senders were told why.`;
    return [{ code: 'deliveries-refused', severity: 'warning', count, message }];
  }

  /** Makes visible what is committed; what comes meanwhile waits. Receiving goes on. */
  async show(): Promise<void> {
    while (this.busy) await this.working;
    this.busy = true;
    const shown = this.writer.show();
    const over = shown.then(
      () => this.work(),
      () => this.work(),
    );
    this.working = over;
    await shown;
  }

  /** Waits for what is queued, then makes the rows visible. Gives back what there is to say of them. */
  async finish(): Promise<readonly Notice[]> {
    await this.working;
    const notices = [...this.notices];
    const count = this.droppedInAll;
    if (count > 0) {
      notices.push({
        code: 'records-dropped',
        severity: 'warning',
        count,
        message: `${count} received records could not be taken over.`,
      });
    }
    for (const notice of notices) this.writer.notice(notice);
    return [...notices, ...(await this.writer.finish())];
  }

  async suspend(): Promise<void> {
    await this.working;
    await this.writer.suspend();
  }
}

/** One notice for each thing that was said, with the counts added up, also in its sentence. */
export function sumNotices(notices: readonly Notice[]): readonly Notice[] {
  const sums = new Map<string, { notice: Notice; count: number; sentence: readonly string[] }>();
  for (const notice of notices) {
    const { code, severity, count, message, detail } = notice;
    const sentence = around(message, String(count));
    const key = JSON.stringify([code, severity, sentence, detail]);
    const known = sums.get(key);
    if (known) known.count += count;
    else sums.set(key, { notice, count, sentence });
  }
  return [...sums.values()].map(({ notice, count, sentence }) => ({
    ...notice,
    count,
    message: sentence.join(String(count)),
  }));
}

/** The text before and after a number in it; the whole text where the number is not in it. */
function around(text: string, number: string): readonly string[] {
  const escaped = number.replaceAll('.', '\\.');
  const match = new RegExp(`(?<![\\d.])${escaped}(?!\\.?\\d)`).exec(text);
  if (!match) return [text];
  return [text.slice(0, match.index), text.slice(match.index + number.length)];
}

/** Identity of a delivery's bytes: 64 bits of content and the length, and the webhook they came by. */
export function deliveryKey(body: Uint8Array, name?: string): string {
  let text = '';
  for (let i = 0; i < body.length; i += 0x8000) {
    text += String.fromCharCode(...body.subarray(i, i + 0x8000));
  }
  const key = `${hashHex(text)}-${body.length}`;
  return name === undefined ? key : `${name}/${key}`;
}
