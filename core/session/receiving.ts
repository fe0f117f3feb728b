import type { Delivery, DeliveryAnswer } from '../host';
import type { Analysing } from './analysing';
import type { Desk } from './desk';
import { ReceiveSession } from './receive';

/** What the host's receiver hears, into the open case. */
export class Receiving {
  private session: ReceiveSession | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
  ) {}

  async start(
    http: string,
    grpc: string,
  ): Promise<{ readonly http: string; readonly grpc: string }> {
    const addresses = await this.desk.env.host.receiverStart({ http, grpc });
    this.session ??= await ReceiveSession.start(this.desk.case().store, this.desk.env.now());
    return addresses;
  }

  /** A delivery that the host's receiver heard. */
  deliver(delivery: Delivery): void {
    const { host, decode } = this.desk.env;
    const answer = (given: DeliveryAnswer): void =>
      void host.receiverAck(delivery.id, given).catch(() => undefined);
    if (!this.session) {
      const refused = { message: 'No case is receiving.', retryable: true };
      return answer({ dropped: 0, refused });
    }
    this.session.receive({ body: delivery.body, decode: () => decode(delivery), answer });
    const { rows, deliveries } = this.session;
    const job = { id: 'receive', kind: 'receive', title: 'Receive OpenTelemetry' } as const;
    const label = `${deliveries} deliveries`;
    this.desk.emit({
      kind: 'job',
      job: { ...job, label, done: rows, total: null, unit: 'rows', state: 'running' },
    });
  }

  async stop(): Promise<void> {
    await this.desk.env.host.receiverStop();
    const session = this.session;
    this.session = undefined;
    await session?.finish();
    if (session) {
      const job = { id: 'receive', kind: 'receive', title: 'Receive OpenTelemetry' } as const;
      const counts = { label: '', done: session.rows, total: null, unit: 'rows' };
      this.desk.emit({ kind: 'job', job: { ...job, ...counts, state: 'done' } });
      await this.analysing.changed();
    }
  }

  /** Leaves what was received as partial: it goes on when the case is received into again. */
  async suspend(): Promise<void> {
    await this.session?.suspend();
    this.session = undefined;
  }
}
