// Jaeger all-in-one with its memory storage, built by Go through a module that only pins its versions (jaeger/).
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goBuild } from './lib/go.mjs';
import { answers, freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '1.62.0';
const here = dirname(fileURLToPath(import.meta.url));

async function versionOf(program) {
  const { output } = await run(program, ['version'], { timeoutMs: 20_000 });
  const version = /"gitVersion":"v?(\d[\d.]+)"/.exec(output)?.[1];
  if (!version) throw new Error(`${program} does not tell its version`);
  return version;
}

async function get() {
  const got = await goBuild({
    name: `jaeger-${VERSION}`,
    source: join(here, 'jaeger'),
    target: 'github.com/jaegertracing/jaeger/cmd/all-in-one',
    ldflags: `-X github.com/jaegertracing/jaeger/pkg/version.latestVersion=v${VERSION}`,
    check: versionOf,
  });
  return { ...got, version: await versionOf(got.path) };
}

async function begin({ otlpHttp, otlpGrpc, maxTraces = 100_000 }, { path }) {
  const folder = serverFolder('jaeger');
  const ports = await freePorts(7);
  const [query, http, grpc, queryGrpc, spansGrpc, spansHttp, admin] = [
    ports[0],
    otlpHttp ?? ports[1],
    otlpGrpc ?? ports[2],
    ...ports.slice(3),
  ];
  const url = `http://127.0.0.1:${query}`;
  const started = await startServer({
    name: 'jaeger',
    program: path,
    args: [
      `--memory.max-traces=${maxTraces}`,
      `--query.http-server.host-port=127.0.0.1:${query}`,
      `--collector.otlp.http.host-port=127.0.0.1:${http}`,
      `--collector.otlp.grpc.host-port=127.0.0.1:${grpc}`,
      `--query.grpc-server.host-port=127.0.0.1:${queryGrpc}`,
      `--collector.grpc-server.host-port=127.0.0.1:${spansGrpc}`,
      `--collector.http-server.host-port=127.0.0.1:${spansHttp}`,
      `--admin.http.host-port=127.0.0.1:${admin}`,
      // Its agent, which nobody asks for, would take fixed ports on every address.
      '--http-server.host-port=127.0.0.1:0',
      '--processor.jaeger-binary.server-host-port=127.0.0.1:0',
      '--processor.jaeger-compact.server-host-port=127.0.0.1:0',
      '--processor.zipkin-compact.server-host-port=127.0.0.1:0',
    ],
    folder,
    // It would trace itself.
    env: { SPAN_STORAGE_TYPE: 'memory', OTEL_TRACES_SAMPLER: 'always_off' },
    ready: () => answers(`${url}/api/services`),
  });
  return {
    url,
    otlpHttp: `http://127.0.0.1:${http}`,
    otlpGrpc: `127.0.0.1:${grpc}`,
    ...started,
  };
}

export const jaeger = defineServer({
  name: 'jaeger',
  variable: 'FAULTLINE_JAEGER',
  get,
  verify: versionOf,
  begin,
});
