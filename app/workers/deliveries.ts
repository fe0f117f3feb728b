import { decodeAlertWebhook, decodeOtlp } from '../../connectors';
import type { Delivery } from '../../core/host';

/** The batches of one received delivery. */
export function decodeDelivery({
  protocol,
  signal,
  body,
}: Delivery): ReturnType<typeof decodeOtlp> {
  if (signal === 'alerts') return decodeAlertWebhook(body);
  return decodeOtlp(signal, protocol === 'http/json' ? 'json' : 'protobuf', body);
}
