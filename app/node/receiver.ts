import { FaultlineError } from '../../core/base';
import { GrpcReceiver } from './receiver-grpc';
import { HttpReceiver } from './receiver-http';
import { Intake, type OnDelivery } from './receiver-intake';

export interface ReceiverOptions {
  /** "HOST:PORT" or "PORT", the host 127.0.0.1 where none is given, port 0 for a free one. */
  readonly http: string;
  readonly grpc: string;
  /** Names NAME under which JSON may be posted to /webhook/NAME; none where not given. */
  readonly webhooks?: readonly string[];
  /** Resolves when the delivery is committed; only then is success answered. */
  readonly onDelivery: OnDelivery;
  /** Largest body, decompressed. */
  readonly maxBytes?: number;
  /** Requests that may wait for their commit; further ones are told to come back. */
  readonly maxPending?: number;
}

export interface RunningReceiver {
  /** "HOST:PORT" as bound. */
  readonly http: string;
  readonly grpc: string;
  /** Stops listening, after what is under way has been answered. */
  close(): Promise<void>;
}

const MAX_BYTES = 64 << 20;
const MAX_PENDING = 64;

/**
 * Listens for OTLP/HTTP (protobuf and JSON), OTLP/gRPC and webhooks. Rejects with
 * 'usage' (not an address) or 'host/unavailable' (the port is in use).
 */
export async function startReceiver(options: ReceiverOptions): Promise<RunningReceiver> {
  const { onDelivery, maxBytes = MAX_BYTES, maxPending = MAX_PENDING } = options;
  const http = parseAddress(options.http);
  const grpc = parseAddress(options.grpc);
  const intake = new Intake(onDelivery, maxBytes, maxPending);
  const httpReceiver = new HttpReceiver(intake, new Set(options.webhooks));
  const grpcReceiver = new GrpcReceiver(intake);
  const bound = await httpReceiver.listen(http.host, http.port);
  let grpcPort: number;
  try {
    grpcPort = await grpcReceiver.listen(grpc.host, grpc.port);
  } catch (error) {
    await httpReceiver.close();
    throw error;
  }
  return {
    http: formatAddress(http.host, bound.port),
    grpc: formatAddress(grpc.host, grpcPort),
    close: async () => {
      await intake.drain();
      await Promise.all([httpReceiver.close(), grpcReceiver.close()]);
    },
  };
}

function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:(?:(\[[^\]]+\]|[^:[\]]*):)?)(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (!match || port > 65535) {
    throw new FaultlineError('usage', `Not an address: "${text}". Use HOST:PORT, 127.0.0.1:4318.`);
  }
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? '127.0.0.1' : host, port };
}

function formatAddress(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
