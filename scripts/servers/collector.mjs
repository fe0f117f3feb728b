// The OpenTelemetry Collector, built from the sources that its own builder wrote (collector/).
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goBuild } from './lib/go.mjs';
import { freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '0.158.0';
const here = dirname(fileURLToPath(import.meta.url));

async function versionOf(program) {
  const { stdout } = await run(program, ['--version'], { timeoutMs: 20_000 });
  const version = /version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (!version) throw new Error(`${program} does not tell its version`);
  return version;
}

async function get() {
  const got = await goBuild({
    name: `otelcol-${VERSION}`,
    source: join(here, 'collector'),
    target: '.',
    check: versionOf,
  });
  return { ...got, version: await versionOf(got.path) };
}

/** OTLP in; JSON lines into a file and, where an address is given, OTLP over HTTP out. */
function defaultConfig(exportTo) {
  const exporters = exportTo ? '[file, otlp_http]' : '[file]';
  const pipeline = `{ receivers: [otlp], processors: [batch], exporters: ${exporters} }`;
  return [
    'receivers:',
    '  otlp:',
    '    protocols:',
    '      grpc: { endpoint: "127.0.0.1:${env:OTLP_GRPC_PORT}" }',
    '      http: { endpoint: "127.0.0.1:${env:OTLP_HTTP_PORT}" }',
    'processors: { batch: { timeout: 100ms } }',
    'exporters:',
    '  file: { path: "${env:OUT}/telemetry.jsonl", flush_interval: 100ms }',
    ...(exportTo ? [`  otlp_http: { endpoint: ${JSON.stringify(exportTo)} }`] : []),
    'service:',
    '  telemetry: { metrics: { level: none } }',
    '  pipelines:',
    ...['traces', 'logs', 'metrics'].map((signal) => `    ${signal}: ${pipeline}`),
    '',
  ].join('\n');
}

async function begin(options, { path }) {
  const folder = serverFolder('collector');
  const out = options.out ?? join(folder, 'out');
  await mkdir(out, { recursive: true });
  const config = join(folder, 'collector.yaml');
  await writeFile(config, options.config ?? defaultConfig(options.exportTo));
  const [http, grpc] = await freePorts(2);
  const started = await startServer({
    name: 'collector',
    program: path,
    args: ['--config', config],
    folder,
    env: { OTLP_HTTP_PORT: String(http), OTLP_GRPC_PORT: String(grpc), OUT: out, ...options.env },
    ready: (output) => output.includes('Everything is ready'),
  });
  return {
    url: `http://127.0.0.1:${http}`,
    grpc: `127.0.0.1:${grpc}`,
    file: join(out, 'telemetry.jsonl'),
    ...started,
  };
}

export const collector = defineServer({
  name: 'collector',
  variable: 'FAULTLINE_OTELCOL',
  get,
  verify: versionOf,
  begin,
});
