import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../..');
const program = join(root, 'dist/cli/faultline.mjs');
const lock = join(root, 'dist/.cli-build');

function newest(folder: string): number {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return Math.max(...sources.map((name) => statSync(join(root, folder, name)).mtimeMs));
}

function stale(): boolean {
  if (!existsSync(program)) return true;
  const built = statSync(program).mtimeMs;
  return ['core', 'connectors', 'app/cli', 'app/node', 'app/host'].some((f) => newest(f) > built);
}

/** The command line as people run it, built anew where its sources are newer. */
export async function builtCli(): Promise<string> {
  const given = process.env['FAULTLINE_CLI'];
  if (given) return given;
  mkdirSync(join(root, 'dist'), { recursive: true });
  for (let tries = 0; stale() && tries < 600; tries++) {
    try {
      mkdirSync(lock);
    } catch {
      // Another test file builds it.
      await sleep(100);
      continue;
    }
    try {
      if (stale()) execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), 'cli']);
    } finally {
      rmdirSync(lock);
    }
  }
  return program;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<CliResult>;
}

export async function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningCli> {
  const child = spawn(process.execPath, [await builtCli(), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((done) => {
    child.once('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs to the end. */
export async function runCli(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<CliResult> {
  return (await startCli(args, env)).ended;
}

/** Runs with --json and gives the document; throws with what was said where the command failed. */
export async function jsonOf<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json']);
  if (code !== 0)
    throw new Error(`faultline ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}
