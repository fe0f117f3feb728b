// Prometheus from Debian, with promtool.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { unpackPackages } from './lib/debian.mjs';
import { answers, freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run, which } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

async function versionOf(program) {
  const { output } = await run(program, ['--version'], { timeoutMs: 20_000 });
  const version = /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (!version) throw new Error(`${program} does not tell its version`);
  return version;
}

async function get() {
  const installed = which('prometheus');
  if (installed && which('promtool')) {
    return { path: installed, version: await versionOf(installed), how: 'found on PATH' };
  }
  const { path: folder, fresh } = await cached('prometheus', async (work) => {
    const root = await unpackPackages(['prometheus'], work);
    const kept = join(work, 'kept');
    await mkdir(kept);
    for (const name of ['prometheus', 'promtool']) {
      await copyFile(join(root, 'usr/bin', name), join(kept, name));
      await versionOf(join(kept, name));
    }
    return kept;
  });
  const path = join(folder, 'prometheus');
  const how = fresh ? 'Debian package, unpacked' : 'from the cache';
  return { path, version: await versionOf(path), how };
}

const list = (items) => items.map((item) => JSON.stringify(item)).join(', ');

const indented = (text) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

function configOf({ scrape, alertmanagers = [], interval = '1s' }, hasRules) {
  return [
    `global: { scrape_interval: ${interval}, evaluation_interval: ${interval} }`,
    ...(hasRules ? ['rule_files: [rules.yml]'] : []),
    ...(alertmanagers.length > 0
      ? [
          `alerting: { alertmanagers: [{ static_configs: [{ targets: [${list(alertmanagers)}] }] }] }`,
        ]
      : []),
    ...(scrape ? ['scrape_configs:', indented(scrape)] : []),
    '',
  ].join('\n');
}

async function begin(options, { path }) {
  const folder = serverFolder('prometheus');
  const data = join(folder, 'data');
  await mkdir(data);
  if (options.rules) await writeFile(join(folder, 'rules.yml'), options.rules);
  await writeFile(join(folder, 'prometheus.yml'), configOf(options, Boolean(options.rules)));
  for (const file of options.openMetrics ?? []) await createBlocks(file, data);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = await startServer({
    name: 'prometheus',
    program: path,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      // Recorded incidents are old; the default retention would delete them.
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-admin-api',
      '--web.enable-lifecycle',
      '--web.enable-remote-write-receiver',
      // Alerts that fired before the Alertmanager was noticed are sent again at once, not after a minute.
      '--rules.alert.resend-delay=1s',
      '--enable-feature=exemplar-storage,promql-at-modifier,promql-negative-offset',
      ...(options.flags ?? []),
    ],
    folder,
    ready: () => answers(`${url}/-/ready`),
  });
  return { url, ...started };
}

/** Turns an OpenMetrics file into blocks of a data folder that no server has open. */
async function createBlocks(file, dataFolder) {
  const result = await prometheus.ensure();
  if (result.state === 'missing') throw new Error(result.reason);
  const beside = join(dirname(result.path), 'promtool');
  await run(beside, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, dataFolder]);
}

export const prometheus = defineServer({
  name: 'prometheus',
  variable: 'FAULTLINE_PROMETHEUS',
  get,
  verify: versionOf,
  begin,
});
