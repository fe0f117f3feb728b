// Programs built by Go from sources whose versions go.sum fixes.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { run, which } from './run.mjs';

/** Go from 1.25; an older one from 1.21 fetches the tool chain that go.mod asks for, unless told not to. */
async function needGo() {
  if (!which('go')) throw new Error('it is built with Go 1.25 or newer, and go is not on PATH');
  const { stdout } = await run('go', ['version']);
  const [, minor] = /go1\.(\d+)/.exec(stdout) ?? [];
  if (Number(minor) < 21) throw new Error(`it is built with Go 1.25 or newer; here is ${stdout}`);
}

/** Builds `target` of the module in `source` into the cache as `name`; minutes when Go's own cache is cold. */
export async function goBuild({ name, source, target, check, ldflags = '' }) {
  const { path, fresh } = await cached(join('bin', name), async (work) => {
    await needGo();
    const made = join(work, name);
    const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false', `-ldflags=-s -w ${ldflags}`];
    const command = [...(which('nice') ? ['nice'] : []), 'go', 'build', ...flags];
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
