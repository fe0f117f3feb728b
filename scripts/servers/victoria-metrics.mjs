// VictoriaMetrics (one node) from Debian.
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { unpackPackages } from './lib/debian.mjs';
import { answers, freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run, which } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

/** Debian's build prints no version: what the package says stands beside it; the help has the right flags. */
async function verify(program) {
  const { output } = await run(program, ['--help'], { timeoutMs: 20_000 });
  if (!output.includes('-search.maxUniqueTimeseries')) {
    throw new Error(`${program} is no VictoriaMetrics`);
  }
  const { output: said } = await run(program, ['--version'], { timeoutMs: 20_000 });
  const beside = () => readFile(join(dirname(program), 'version'), 'utf8').catch(() => 'unknown');
  return /v?(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? (await beside());
}

async function get() {
  const installed = which('victoria-metrics');
  if (installed) {
    return { path: installed, version: await verify(installed), how: 'found on PATH' };
  }
  const { path: folder, fresh } = await cached('victoria-metrics', async (work) => {
    const root = await unpackPackages(['victoria-metrics'], work);
    const kept = join(work, 'kept');
    await mkdir(kept);
    await copyFile(join(root, 'usr/bin/victoria-metrics'), join(kept, 'victoria-metrics'));
    const [deb = ''] = await readdir(join(work, 'debs'));
    await writeFile(join(kept, 'version'), /_(\d+(?:\.\d+)+)/.exec(deb)?.[1] ?? 'unknown');
    await verify(join(kept, 'victoria-metrics'));
    return kept;
  });
  const path = join(folder, 'victoria-metrics');
  const how = fresh ? 'Debian package, unpacked' : 'from the cache';
  return { path, version: await verify(path), how };
}

async function begin(options, { path }) {
  const folder = serverFolder('victoria-metrics');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = await startServer({
    name: 'victoria-metrics',
    program: path,
    args: [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      // Recorded incidents are old; what is older than the retention is not taken.
      '-retentionPeriod=100y',
      ...(options.flags ?? []),
    ],
    folder,
    ready: () => answers(`${url}/health`),
  });
  return { url, ...started };
}

export const victoriaMetrics = defineServer({
  name: 'victoria-metrics',
  variable: 'FAULTLINE_VICTORIAMETRICS',
  get,
  verify,
  begin,
});
