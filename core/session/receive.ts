import { asFaultlineError, hashHex } from '../base';
import type { Delivery } from '../host';
import type { Batch, Notice } from '../model';
import type { CaseStore, SourceIdentity, SourceWriter } from '../store';

/** What a delivery holds, once decoded. */
export interface DecodedDelivery {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  readonly notices: readonly Notice[];
}

type Signal = 'traces' | 'logs' | 'metrics';

/** Chooses the decoder of a delivery; the shells give it the connectors' ones. */
export function deliveryDecoder(decoders: {
  otlp(signal: Signal, encoding: 'json' | 'protobuf', body: Uint8Array): DecodedBatches;
  alerts(body: Uint8Array): DecodedBatches;
}): (delivery: Delivery) => DecodedDelivery {
  return ({ signal, protocol, body }) => {
    const { batches, dropped, notices } =
      signal === 'alerts'
        ? decoders.alerts(body)
        : decoders.otlp(signal, protocol === 'http/json' ? 'json' : 'protobuf', body);
    return { batches, dropped, notices };
  };
}

interface DecodedBatches {
  readonly batches: readonly Batch[];
  readonly dropped: number;
  readonly notices: readonly Notice[];
}

export interface IncomingDelivery {
  readonly body: Uint8Array;
  decode(): DecodedDelivery;
  /** Answers the sender, after the commit or with why not. */
  answer(ok: boolean, message: string, dropped: number): void;
}

/** Keys kept to recognise a delivery that is sent again (its answer was lost). */
const KEYS_KEPT = 20_000;

interface ReceiveCursor {
  readonly keys: readonly string[];
}

/**
 * Deliveries of a receiver into one source of the case. Those that arrive together commit together;
 * each is answered after its commit. The source of a run that was killed is partial and goes on.
 */
export class ReceiveSession {
  private readonly queue: IncomingDelivery[] = [];
  private readonly keys: Set<string>;
  private working: Promise<void> | undefined;
  rows = 0;
  deliveries = 0;
  repeats = 0;
  dropped = 0;

  private constructor(private readonly writer: SourceWriter) {
    const cursor = writer.cursor ? (JSON.parse(writer.cursor) as ReceiveCursor) : { keys: [] };
    this.keys = new Set(cursor.keys);
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
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.queue.splice(0);
      const accepted: { delivery: IncomingDelivery; key: string; dropped: number }[] = [];
      for (const delivery of group) {
        const key = deliveryKey(delivery.body);
        if (this.keys.has(key)) {
          this.repeats++;
          delivery.answer(true, 'received before', 0);
          continue;
        }
        try {
          const { batches, dropped, notices } = delivery.decode();
          for (const batch of batches) this.writer.add(batch);
          for (const notice of notices) this.writer.notice(notice);
          this.keys.add(key);
          accepted.push({ delivery, key, dropped });
        } catch (error) {
          delivery.answer(false, asFaultlineError(error).message, 0);
        }
      }
      await this.commit(accepted);
    }
  }

  private async commit(
    accepted: readonly { delivery: IncomingDelivery; key: string; dropped: number }[],
  ): Promise<void> {
    if (accepted.length === 0) return;
    const pending = this.writer.pending;
    try {
      const keys = [...this.keys].slice(-KEYS_KEPT);
      await this.writer.commit(JSON.stringify({ keys } satisfies ReceiveCursor));
      this.rows += pending;
      for (const { delivery, dropped } of accepted) {
        this.deliveries++;
        this.dropped += dropped;
        delivery.answer(true, '', dropped);
      }
    } catch (error) {
      for (const { delivery, key } of accepted) {
        this.keys.delete(key);
        delivery.answer(false, asFaultlineError(error).message, 0);
      }
    }
  }

  /** Waits for what is queued, then makes the rows visible. */
  async finish(): Promise<readonly Notice[]> {
    await this.working;
    if (this.dropped > 0) {
      this.writer.notice({
        code: 'records-dropped',
        severity: 'warning',
        count: this.dropped,
        message: `${this.dropped} received records could not be taken over.`,
      });
    }
    return this.writer.finish();
  }

  async suspend(): Promise<void> {
    await this.working;
    await this.writer.suspend();
  }
}

/** Identity of a delivery's bytes: 64 bits of content and the length. */
export function deliveryKey(body: Uint8Array): string {
  let text = '';
  for (let i = 0; i < body.length; i += 0x8000) {
    text += String.fromCharCode(...body.subarray(i, i + 0x8000));
  }
  return `${hashHex(text)}-${body.length}`;
}
