// Counts of what ran, and the lines that say what did not.
import { spawn } from 'node:child_process';
import { seconds } from './dependencies.mjs';

/** Collects results of steps; lines that begin with "SKIPPED: " are said again at the end. */
export function createTally(print = console.log) {
  const steps = [];
  const skipped = new Set();
  const note = (text) => {
    const found = /^\s*(SKIPPED: .+?)\s*$/.exec(text)?.[1];
    if (found) skipped.add(found);
  };
  return {
    /** Prints a line and keeps it when it says what is skipped. */
    line: (text) => {
      note(text);
      print(text);
    },
    add: (name, counts, failures) => {
      steps.push({ name, ...counts, failures });
    },
    /** Prints it all; the last line stands alone. Returns the exit code. */
    summary: () => {
      for (const { name, passed, failed, skipped: left } of steps) {
        print(`${name}: ${passed} passed, ${failed} failed, ${left} skipped`);
      }
      for (const { name, failures } of steps) {
        for (const failure of failures) print(`FAILED: ${name}: ${failure}`);
      }
      for (const line of skipped) print(line);
      const sum = (key) => steps.reduce((total, step) => total + step[key], 0);
      print(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
      return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
    },
  };
}

/** Runs a Node script, hands on every line as it comes, and ends its whole group when it outlasts the limit. */
export function runTeed(args, { cwd, env, onLine, timeoutMs }) {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (signal) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // it has gone
    }
  };
  const interrupted = (signal) => {
    end(signal);
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine(line);
    });
    stream.on('end', () => rest && onLine(rest));
  }
  const timer = setTimeout(() => {
    onLine(`Ended after ${seconds(started)} s: it took too long.`);
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), 10_000).unref();
  }, timeoutMs);
  return new Promise((resolve) => {
    const done = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
      resolve({ code });
    };
    child.once('error', (error) => {
      onLine(error.message);
      done(1);
    });
    child.once('close', (code, signal) => done(code ?? signal));
  });
}
