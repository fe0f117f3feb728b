// Programs that run to their end.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program's path on PATH, or undefined. */
export function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

export const isRoot = process.getuid?.() === 0;

/**
 * Runs a program without a shell and without standard input; returns what it printed. Throws with the end of its
 * output when it fails or outlasts `timeoutMs`.
 */
export function run(program, args, { cwd, env, timeoutMs = 1_200_000, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let stdout = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      all = tail(all + text);
      onLine?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      all = tail(all + text);
      onLine?.(text);
    });
    child.once('error', (error) =>
      reject(new Error(`${program} does not start: ${error.message}`)),
    );
    child.once('close', (code, signal) => {
      if (code === 0) resolve({ stdout, output: all });
      else
        reject(new Error(`${program} ${args[0] ?? ''} ${ending(code, signal)}: ${lastLines(all)}`));
    });
  });
}

const ending = (code, signal) => (signal ? `was ended by ${signal}` : `ended with ${code}`);
const tail = (text) => text.slice(-20_000);

/** The last lines of an output, for an error message. */
export const lastLines = (text, count = 5) => text.trim().split('\n').slice(-count).join('\n');
