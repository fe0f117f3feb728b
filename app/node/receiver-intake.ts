import { FaultlineError } from '../../core/base';
import type { Delivery, DeliveryAnswer, Heard } from '../../core/host';

export type OnDelivery = (delivery: Delivery) => Promise<DeliveryAnswer>;

/** Counts what is under way, so that a flood is told to wait instead of filling the memory. */
export class Intake {
  private readonly pending = new Set<Promise<unknown>>();
  private running = 0;
  private nextId = 1;
  private closed = false;

  constructor(
    private readonly onDelivery: OnDelivery,
    /** Largest body, decompressed. */
    readonly maxBytes: number,
    private readonly maxPending: number,
  ) {}

  /** Takes a place; call what it returns when done. Throws 'host/unavailable' where all are taken. */
  enter(): () => void {
    if (this.closed || this.running >= this.maxPending) {
      throw new FaultlineError('host/unavailable', 'The receiver is busy. Try again later.', {
        retryable: true,
      });
    }
    this.running++;
    let done = false;
    return () => {
      if (!done) this.running--;
      done = true;
    };
  }

  /** Resolves after the commit; throws 'format/damaged' or, retryable, 'host/io' where it is refused. */
  async deliver(delivery: Heard): Promise<DeliveryAnswer> {
    const answer = this.onDelivery({ ...delivery, body: own(delivery.body), id: this.nextId++ });
    this.pending.add(answer);
    try {
      const given = await answer;
      if (!given.refused) return given;
      const { message, retryable } = given.refused;
      throw new FaultlineError(retryable ? 'host/io' : 'format/damaged', message, { retryable });
    } finally {
      this.pending.delete(answer);
    }
  }

  /** Takes nothing new and waits for the answers that are due. */
  async drain(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.pending);
  }
}

/** Bytes with a buffer of their own: Node's pool must not travel with them. */
function own(body: Uint8Array): Uint8Array {
  const whole = body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer;
  return whole ? new Uint8Array(body.buffer) : new Uint8Array(body);
}

export function listenFailure(host: string, port: number, cause: unknown): FaultlineError {
  const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const why = inUse ? 'the port is in use' : cause instanceof Error ? cause.message : String(cause);
  return new FaultlineError('host/unavailable', `Can't listen on ${host}:${port}: ${why}.`, {
    cause,
    detail: { host, port },
  });
}
