import type { Delivery, DeliveryAnswer } from '../host';
import type { Analysing } from './analysing';
import type { Desk } from './desk';
import { Following } from './following';
import { ReceiveSession, deliveryDecoder, type DeliveryDecoder } from './receive';

/** What the host's receiver hears, into the open case. */
export class Receiving {
  private session: ReceiveSession | undefined;
  private decoder: DeliveryDecoder | undefined;
  private following: Following | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
  ) {}

  /**
   * With `newCase`, which makes and opens one, what is open stays so until the addresses are had. With `follow`
   * what comes in is shown and analysed as it comes, else when receiving stops.
   */
  async start(
    http: string,
    grpc: string,
    { newCase, follow }: { readonly newCase?: () => Promise<unknown>; readonly follow: boolean },
  ): Promise<{ readonly http: string; readonly grpc: string }> {
    const { host, decoders } = this.desk.env;
    const decoder = deliveryDecoder(decoders);
    if (newCase) await this.suspend();
    else this.desk.case();
    const addresses = await host.receiverStart({ http, grpc, webhooks: decoder.webhooks });
    this.decoder = decoder;
    try {
      await newCase?.();
    } catch (error) {
      await host.receiverStop().catch(() => undefined);
      throw error;
    }
    const open = this.desk.case();
    this.session ??= await ReceiveSession.start(open.store, this.desk.env.now());
    this.following?.end();
    this.following = follow ? this.follow(this.session) : undefined;
    // From the first delivery on there is something that a save would keep.
    await open.touch();
    await this.desk.announce();
    this.tell('running');
    return addresses;
  }

  private follow(session: ReceiveSession): Following {
    const look = async (): Promise<void> => {
      // What a person asked is answered first.
      await this.analysing.settled();
      if (this.session !== session) return;
      await session.show();
      if (this.session === session) await this.analysing.renew();
    };
    return new Following(look, () => Number(this.desk.env.now() / 1_000_000n));
  }

  /** What was heard so far, for the status bar and the receive dialog. */
  private tell(state: 'running' | 'done' | 'cancelled'): void {
    if (!this.session) return;
    const { rows, deliveries, repeats, dropped } = this.session;
    const label = [
      `${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}`,
      repeats > 0 && `${repeats} sent again`,
      dropped > 0 && `${dropped} ${dropped === 1 ? 'record' : 'records'} dropped`,
      this.following?.lagText,
    ];
    this.desk.emit({
      kind: 'job',
      job: {
        id: 'receive',
        kind: 'receive',
        title: 'Receive OpenTelemetry',
        label: label.filter(Boolean).join(', '),
        done: rows,
        total: null,
        unit: 'rows',
        state,
      },
    });
  }

  /** A delivery that the host's receiver heard. */
  deliver(delivery: Delivery): void {
    const { host } = this.desk.env;
    const { session, decoder } = this;
    const answer = (given: DeliveryAnswer): void => {
      void host.receiverAck(delivery.id, given).catch(() => undefined);
      // The session counts a delivery in the turn in which it answers it.
      queueMicrotask(() => this.tell('running'));
      if (!given.refused) this.following?.heard();
    };
    if (!session || !decoder) {
      const refused = { message: 'No case is receiving.', retryable: true };
      return answer({ dropped: 0, refused });
    }
    session.receive({ ...decoder.incoming(delivery, this.desk.env.now()), answer });
  }

  async stop(): Promise<void> {
    await this.desk.env.host.receiverStop();
    const session = this.session;
    if (!session) return;
    this.endFollowing();
    await session.finish();
    this.tell('done');
    this.session = undefined;
    await this.analysing.changed();
  }

  /** Leaves what was received as partial: it goes on when the case is received into again. */
  async suspend(): Promise<void> {
    if (!this.session) return;
    // Senders are told to come back; where the host is gone there is nobody to tell.
    await this.desk.env.host.receiverStop().catch(() => undefined);
    this.endFollowing();
    await this.session.suspend();
    this.tell('cancelled');
    this.session = undefined;
  }

  private endFollowing(): void {
    this.following?.end();
    this.following = undefined;
  }
}
