import { FaultlineError, parseDuration } from '../../../core/base';
import { decodeAlertWebhook, decodeOtlp } from '../../../connectors';
import { ReceiveSession, deliveryDecoder } from '../../../core/session';
import { startReceiver } from '../../node';
import { withCase, type Context } from '../context';
import { sleepLong } from '../sleep';

export interface ReceiveFlags {
  readonly case: string;
  readonly http: string;
  readonly grpc: string;
  readonly for?: string;
}

/** Listens until --for is over or the command is interrupted; both end it well. */
export async function receiveCommand(flags: ReceiveFlags, context: Context): Promise<void> {
  const { out, signal } = context;
  const duration = flags.for === undefined ? undefined : parseDuration(flags.for);
  if (flags.for !== undefined && duration === undefined) {
    throw new FaultlineError('usage', `Not a duration: --for ${flags.for}. Use 90s or 10m.`);
  }
  await withCase(flags.case, 'append', context, async (store) => {
    const decode = deliveryDecoder({ otlp: decodeOtlp, alerts: decodeAlertWebhook });
    // Not before the ports are ours: what can't listen leaves no source behind.
    let starting: Promise<ReceiveSession> | undefined;
    const session = (): Promise<ReceiveSession> =>
      (starting ??= ReceiveSession.start(store, context.now()));
    const receiver = await startReceiver({
      http: flags.http,
      grpc: flags.grpc,
      onDelivery: async (delivery) => {
        const receiving = await session();
        return new Promise((resolve) => {
          const answer = (given: Parameters<typeof resolve>[0]): void => {
            out.progress(`${receiving.rows} rows, ${receiving.deliveries} deliveries`);
            resolve(given);
          };
          receiving.receive({ body: delivery.body, decode: () => decode(delivery), answer });
        });
      },
    });
    out.note(`OTLP/HTTP on http://${receiver.http}, OTLP/gRPC on ${receiver.grpc}`);
    const receiving = await session();
    await sleepLong(duration, signal);
    await receiver.close();
    const notices = await receiving.finish();
    const { rows, deliveries, repeats, dropped } = receiving;
    out.result({ schema: 1, rows, deliveries, repeats, dropped, notices }, () =>
      [
        `${rows} rows of ${deliveries} deliveries in ${flags.case}`,
        ...notices.map(({ message }) => `notice: ${message}`),
      ].join('\n'),
    );
  });
}
