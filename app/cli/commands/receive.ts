import { FaultlineError, parseDuration } from '../../../core/base';
import { decodeAlertWebhook, decodeOtlp } from '../../../connectors';
import { ReceiveSession, deliveryDecoder } from '../../../core/session';
import { startReceiver } from '../../node';
import { withCase, type Context } from '../context';
import { sleep } from '../sleep';

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
    const session = await ReceiveSession.start(store, context.now());
    const receiver = await startReceiver({
      http: flags.http,
      grpc: flags.grpc,
      onDelivery: (delivery) =>
        new Promise((resolve, reject) => {
          session.receive({
            body: delivery.body,
            decode: () => decode(delivery),
            answer: (ok, message, dropped) => {
              out.progress(`${session.rows} rows, ${session.deliveries} deliveries`);
              if (ok) resolve({ dropped });
              else reject(new FaultlineError('format/damaged', message));
            },
          });
        }),
    });
    out.note(`OTLP/HTTP on http://${receiver.http}, OTLP/gRPC on ${receiver.grpc}`);
    await sleep(duration === undefined ? 2 ** 31 - 1 : Number(duration / 1_000_000n), signal).catch(
      () => undefined,
    );
    await receiver.close();
    const notices = await session.finish();
    const { rows, deliveries, repeats, dropped } = session;
    out.result({ schema: 1, rows, deliveries, repeats, dropped, notices }, () =>
      [
        `${rows} rows of ${deliveries} deliveries in ${flags.case}`,
        ...notices.map(({ message }) => `notice: ${message}`),
      ].join('\n'),
    );
  });
}
