import { FaultlineError, parseDuration } from '../../../core/base';
import type { Mapping } from '../../../core/connect';
import { decoders } from '../../../connectors';
import { ReceiveSession, deliveryDecoder } from '../../../core/session';
import { startReceiver } from '../../node';
import { withCase, type Context } from '../context';
import { readMapping } from '../files';
import { sleepLong } from '../sleep';

export interface ReceiveFlags {
  readonly case: string;
  readonly http: string;
  readonly grpc: string;
  readonly for?: string;
  readonly mapping?: readonly string[];
}

/** Listens until --for is over or the command is interrupted; both end it well. */
export async function receiveCommand(flags: ReceiveFlags, context: Context): Promise<void> {
  const { out, signal } = context;
  const duration = flags.for === undefined ? undefined : parseDuration(flags.for);
  if (flags.for !== undefined && duration === undefined) {
    throw new FaultlineError('usage', `Not a duration: --for ${flags.for}. Use 90s or 10m.`);
  }
  const decoder = deliveryDecoder(decoders, await mappingsOf(flags.mapping ?? []));
  await withCase(flags.case, 'append', context, async (store) => {
    // Not before the ports are ours: what can't listen leaves no source behind.
    let starting: Promise<ReceiveSession> | undefined;
    const session = (): Promise<ReceiveSession> =>
      (starting ??= ReceiveSession.start(store, context.now()));
    const receiver = await startReceiver({
      http: flags.http,
      grpc: flags.grpc,
      webhooks: decoder.webhooks,
      onDelivery: async (delivery) => {
        const receiving = await session();
        return new Promise((resolve) => {
          const answer = (given: Parameters<typeof resolve>[0]): void => {
            out.progress(`${receiving.rows} rows, ${receiving.deliveries} deliveries`);
            resolve(given);
          };
          receiving.receive({ ...decoder.incoming(delivery, context.now()), answer });
        });
      },
    });
    out.note(`OTLP/HTTP on http://${receiver.http}, OTLP/gRPC on ${receiver.grpc}`);
    const names = decoder.webhooks.join(', ');
    out.note(`Webhooks at http://${receiver.http}/webhook/NAME: ${names}`);
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

/** Of `--mapping NAME=FILE`, by name. */
async function mappingsOf(given: readonly string[]): Promise<ReadonlyMap<string, Mapping>> {
  const mappings = new Map<string, Mapping>();
  for (const text of given) {
    const [, name = '', path = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (path === '') {
      throw new FaultlineError(
        'usage',
        `Not a name and a mapping file: --mapping ${text}. Use --mapping orders=orders.mapping.json.`,
      );
    }
    if (mappings.has(name)) {
      throw new FaultlineError('usage', `There are two mappings for /webhook/${name}.`);
    }
    mappings.set(name, await readMapping(path));
  }
  return mappings;
}
