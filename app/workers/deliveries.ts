import { FaultlineError } from '../../core/base';
import type { Delivery } from '../../core/host';
import type { decodeOtlp as DecodeOtlp } from '../../connectors';

/** The batches of one received delivery. */
export function decodeDelivery(
  delivery: Delivery,
  decodeOtlp: typeof DecodeOtlp,
): ReturnType<typeof DecodeOtlp> {
  if (delivery.protocol === 'webhook' || delivery.signal === 'alerts') {
    throw new FaultlineError('format/unknown', 'Alert webhooks are not read yet.');
  }
  const encoding = delivery.protocol === 'http/json' ? 'json' : 'protobuf';
  return decodeOtlp(delivery.signal, encoding, delivery.body);
}
