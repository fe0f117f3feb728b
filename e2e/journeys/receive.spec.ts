import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

/** Traces of two spans by the OpenTelemetry SDK, sent when this resolves. */
async function send(endpoint: string, traces: number): Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 20 })],
  });
  const tracer = provider.getTracer('journey');
  for (let i = 0; i < traces; i++) {
    const root = tracer.startSpan(`GET /basket/${i % 3}`, { kind: SpanKind.SERVER, root: true });
    const child = tracer.startSpan('SELECT basket', { kind: SpanKind.CLIENT });
    if (i % 5 === 0) child.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' });
    child.end();
    root.end();
  }
  await provider.forceFlush();
  await provider.shutdown();
}

test('what a real SDK sends arrives, and stands in the case when listening stops', async ({
  app,
}) => {
  const bench = new Workbench(app);
  await bench.command('Receive OpenTelemetry');
  const begin = bench.dialog('Receive OpenTelemetry');
  await begin.getByLabel(/^OTLP over HTTP/).fill('127.0.0.1:0');
  await begin.getByLabel(/^OTLP over gRPC/).fill('127.0.0.1:0');
  await begin.getByLabel('Name of the new case').fill('heard');
  await begin.getByRole('button', { name: 'Start listening' }).click();

  const running = bench.dialog('Receiving OpenTelemetry');
  await expect(running).toBeVisible();
  const endpoint = /OTEL_EXPORTER_OTLP_ENDPOINT=(\S+?:\d+)/.exec(
    (await running.textContent()) ?? '',
  )?.[1];
  if (endpoint === undefined) throw new Error('It does not say where it listens.');
  await send(endpoint, 30);
  // Spans, and what they came from.
  await expect(running.getByRole('status')).toContainText(/^6\d rows into heard/);
  await running.getByRole('button', { name: 'Close' }).click();
  await expect(bench.status()).toContainText(/6\d rows/);

  await bench.command('Receive OpenTelemetry');
  await running.getByRole('button', { name: 'Stop and show what came' }).click();
  await expect(bench.toast('Stopped receiving')).toBeVisible();
  await app.idle();
  await expect(bench.caseName('heard')).toBeVisible();
  await expect(bench.status()).toContainText('60 spans');
  await bench.tab('Traces');
  await expect(bench.traces().first()).toContainText('basket');

  // Nobody listens any more.
  await expect(fetch(`${endpoint}/v1/traces`, { method: 'POST' })).rejects.toThrow();
});
