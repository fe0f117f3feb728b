import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import type { OtlpSignal } from '../../core/host';
import { protobufResponse, refusalOf } from './receiver-answers';
import { listenFailure, type Intake } from './receiver-intake';

const SERVICES: readonly (readonly [OtlpSignal, string])[] = [
  ['traces', 'opentelemetry.proto.collector.trace.v1.TraceService'],
  ['logs', 'opentelemetry.proto.collector.logs.v1.LogsService'],
  ['metrics', 'opentelemetry.proto.collector.metrics.v1.MetricsService'],
];

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asIs = (bytes: Buffer): Uint8Array => bytes;

/** OTLP/gRPC: messages pass through as bytes, gzip is undone by the library. */
export class GrpcReceiver {
  private readonly server: Server;

  constructor(private readonly intake: Intake) {
    this.server = new Server({ 'grpc.max_receive_message_length': intake.maxBytes });
    for (const [signal, service] of SERVICES) {
      const definition = {
        Export: {
          path: `/${service}/Export`,
          requestStream: false,
          responseStream: false,
          requestSerialize: asBuffer,
          requestDeserialize: asIs,
          responseSerialize: asBuffer,
          responseDeserialize: asIs,
        },
      };
      this.server.addService(definition, {
        Export: (
          call: ServerUnaryCall<Uint8Array, Uint8Array>,
          callback: sendUnaryData<Uint8Array>,
        ) => void this.export(signal, call.request, callback),
      });
    }
  }

  async listen(host: string, port: number): Promise<number> {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(listenFailure(host, port, error));
        else resolve(bound);
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.tryShutdown(() => resolve()));
    const late = setTimeout(() => this.server.forceShutdown(), 5000);
    await closed;
    clearTimeout(late);
  }

  private async export(
    signal: OtlpSignal,
    body: Uint8Array,
    callback: sendUnaryData<Uint8Array>,
  ): Promise<void> {
    try {
      const release = this.intake.enter();
      try {
        const answer = await this.intake.deliver({ protocol: 'grpc', signal, body });
        callback(null, protobufResponse(answer));
      } finally {
        release();
      }
    } catch (error) {
      const { grpc, message } = refusalOf(error);
      callback({ code: grpc, details: message });
    }
  }
}
