import { FaultlineError } from '../../core/base';
import type {
  Delivery,
  DeliveryAnswer,
  HostApi,
  HostEvent,
  ReceiverAddresses,
} from '../../core/host';
import type { RunningReceiver } from './receiver';

export type StartReceiver = (options: {
  readonly http: string;
  readonly grpc: string;
  readonly webhooks: readonly string[];
  onDelivery(delivery: Delivery): Promise<DeliveryAnswer>;
}) => Promise<RunningReceiver>;

/** Passes what the receiver hears to the page and its answer back to the sender. */
export class ReceiverDesk {
  private running: RunningReceiver | undefined;
  private readonly waiting = new Map<number, (answer: DeliveryAnswer) => void>();

  constructor(
    private readonly emit: (event: HostEvent) => void,
    private readonly startReceiver: StartReceiver | undefined,
  ) {}

  async start(options: Parameters<HostApi['receiverStart']>[0]): Promise<ReceiverAddresses> {
    if (!this.startReceiver) {
      throw new FaultlineError('host/unavailable', 'This shell has no receiver.');
    }
    this.running ??= await this.startReceiver({
      ...options,
      onDelivery: (delivery) =>
        new Promise((resolve) => {
          this.waiting.set(delivery.id, resolve);
          this.emit({ kind: 'delivery', delivery });
        }),
    });
    const { http, grpc } = this.running;
    return { http, grpc };
  }

  ack(id: number, answer: DeliveryAnswer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.(answer);
  }

  async stop(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    for (const answer of this.waiting.values()) {
      answer({ dropped: 0, refused: { message: 'The receiver was stopped.', retryable: true } });
    }
    this.waiting.clear();
    await running?.close();
  }
}
