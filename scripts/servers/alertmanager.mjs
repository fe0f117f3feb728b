// Alertmanager from Debian. It must be installed, not only unpacked: its templates have a fixed place.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './lib/debian.mjs';
import { answers, freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run, which } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

const find = () => which('prometheus-alertmanager') ?? which('alertmanager');

async function versionOf(program) {
  const { output } = await run(program, ['--version'], { timeoutMs: 20_000 });
  const version = /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (!version) throw new Error(`${program} does not tell its version`);
  return version;
}

async function get() {
  const found = find();
  if (found) return { path: found, version: await versionOf(found), how: 'found on PATH' };
  await installPackages(['prometheus-alertmanager']);
  const path = find();
  if (!path) throw new Error('the Debian package prometheus-alertmanager brought no program');
  return { path, version: await versionOf(path), how: 'Debian package, installed' };
}

/** Everything to one receiver at once; to a webhook when there is one. */
function defaultConfig(webhook) {
  const hooks = webhook
    ? `, webhook_configs: [{ url: ${JSON.stringify(webhook)}, send_resolved: true }]`
    : '';
  return [
    'route: { receiver: all, group_by: [alertname], group_wait: 100ms, group_interval: 500ms, repeat_interval: 1h }',
    `receivers: [{ name: all${hooks} }]`,
    '',
  ].join('\n');
}

async function begin(options, { path }) {
  const folder = serverFolder('alertmanager');
  await mkdir(join(folder, 'data'));
  const config = join(folder, 'alertmanager.yml');
  await writeFile(config, options.config ?? defaultConfig(options.webhook));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = await startServer({
    name: 'alertmanager',
    program: path,
    args: [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      ...(options.flags ?? []),
    ],
    folder,
    ready: () => answers(`${url}/-/ready`),
  });
  return { url, address: `127.0.0.1:${port}`, ...started };
}

export const alertmanager = defineServer({
  name: 'alertmanager',
  variable: 'FAULTLINE_ALERTMANAGER',
  get,
  verify: versionOf,
  begin,
});
