// Servers as child processes: loopback, free ports, a data folder of their own, ended by their own id.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './cache.mjs';
import { lastLines, which } from './run.mjs';

const PREFIX = 'faultline-server-';
const running = new Set();
const folders = new Set();
let swept = false;

/** Ports that were free a moment ago, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A new folder whose name carries the owner's process id, so that what a killed run left is recognised. */
export function serverFolder(name) {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-${name}-`));
  folders.add(folder);
  return folder;
}

function sweep() {
  if (swept) return;
  swept = true;
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

/**
 * Starts a server and waits until `ready(output)` says true. `folder` is its own and is deleted when it stops.
 * `asUser` steps down to that numeric id first (some servers refuse root).
 */
export async function startServer({
  name,
  program,
  args,
  folder,
  env,
  cwd,
  ready,
  asUser,
  timeoutMs = 60_000,
}) {
  const [command, ...rest] = wrapped(program, args, asUser);
  const child = spawn(command, rest, {
    cwd: cwd ?? folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let failure;
  const keep = (text) => (output = (output + text).slice(-200_000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  child.once('error', (error) => (failure = error));
  const server = { child, folder };
  running.add(server);
  const stop = () => stopServer(server);
  const deadline = Date.now() + timeoutMs;
  while (!(await ready(output))) {
    const ended = failure !== undefined || child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      await stop();
      const why = ended ? 'ended while starting' : `was not ready within ${timeoutMs / 1000} s`;
      throw new Error(`${name} ${why}: ${failure?.message ?? failureOf(output)}`);
    }
    await sleep(50);
  }
  return { pid: child.pid, folder, output: () => output, stop };
}

/** Of what a server printed before it ended: the first lines that speak of a failure, and the last ones. */
function failureOf(output) {
  const lines = output.split('\n');
  const failures = lines.filter((line) => /exception|error|fatal|panic/i.test(line)).slice(0, 3);
  return [...failures, lastLines(output)].join('\n').slice(0, 3_000);
}

/** On Linux the server ends with the process that started it, even when that one is killed. */
function wrapped(program, args, asUser) {
  const setpriv = process.platform === 'linux' ? which('setpriv') : undefined;
  if (!setpriv) return [program, ...args];
  const user =
    asUser === undefined ? [] : [`--reuid=${asUser}`, `--regid=${asUser}`, '--clear-groups'];
  return [setpriv, '--pdeathsig', 'SIGTERM', ...user, program, ...args];
}

async function stopServer(server) {
  const { child, folder } = server;
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signal(child.pid, 'SIGTERM');
    const inTime = await Promise.race([
      ended.then(() => true),
      sleep(15_000, false, { ref: false }),
    ]);
    if (!inTime) {
      signal(child.pid, 'SIGKILL');
      await ended;
    }
  }
  // A launcher may go before the server proper: what is left of the group goes now.
  if (child.pid !== undefined) signal(child.pid, 'SIGKILL');
  running.delete(server);
  folders.delete(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** To the process group that this server leads. */
function signal(pid, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // it has gone
  }
}

process.on('exit', () => {
  for (const { child } of running) {
    if (child.pid !== undefined) signal(child.pid, 'SIGKILL');
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Does the address answer with success? */
export async function answers(url, init) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
