import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { serve } from './ui.bench';

export interface WasmRun {
  readonly verdict: string;
  readonly first: string;
  readonly detectMs: number;
  readonly rankMs: number;
  /** Of all processes of the browser, while it ran. */
  readonly peakMb: number;
}

/** What the page tells tests and benches. */
interface Probed {
  readonly __faultline: {
    state(): {
      readonly analysis?: {
        readonly verdict: string;
        readonly timings: { readonly detectMs: number; readonly rankMs: number };
        readonly ranking: readonly { readonly entity: { readonly name: string } }[];
      };
      readonly jobs: readonly { readonly state: string; readonly error?: { message: string } }[];
    };
  };
}

/** A large case needs minutes in the browser where two cores are busy. */
const PATIENCE_MS = 900_000;

/** Opens a case that was never analysed in the workbench in Chromium, and waits for what it finds. */
export async function wasmRun(folder: string, file: string): Promise<WasmRun> {
  const server = await serve(folder, file);
  const context = await chromium.launchPersistentContext(join(folder, 'browser'), {
    executablePath: process.env['FAULTLINE_CHROMIUM'] ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMb(join(folder, 'browser')));
  }, 250);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.url);
    return { ...(await answerOf(page)), peakMb: peak };
  } finally {
    clearInterval(watch);
    await context.close();
    server.child.kill('SIGINT');
    await once(server.child, 'exit');
  }
}

async function answerOf(page: Page): Promise<Omit<WasmRun, 'peakMb'>> {
  const handle = await page.waitForFunction(
    () => {
      const probe = (globalThis as unknown as Partial<Probed>)['__faultline'];
      const { analysis, jobs = [] } = probe?.state() ?? {};
      const failed = jobs.find(({ state }) => state === 'failed');
      if (failed) return { failed: failed.error?.message ?? 'a job failed' };
      if (!analysis) return undefined;
      const { verdict, timings, ranking } = analysis;
      return { verdict, ...timings, first: ranking[0]?.entity.name ?? '' };
    },
    undefined,
    { timeout: PATIENCE_MS, polling: 200 },
  );
  const answer = await handle.jsonValue();
  if (!answer || 'failed' in answer) throw new Error(answer?.failed ?? 'The page has no answer.');
  return answer;
}

/** Proportional set size of the browser's processes, which its profile folder tells apart. */
function residentMb(profile: string): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(all.map((pid) => [pid, parentOf(pid)]));
  const ours = new Set(all.filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(profile)));
  for (let before = -1; before !== ours.size;) {
    before = ours.size;
    for (const [pid, parent] of parents) if (ours.has(parent)) ours.add(pid);
  }
  const kb = [...ours].map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kb.reduce((sum, each) => sum + each, 0) / 1000;
}

const parentOf = (pid: string): string =>
  /^PPid:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? '';

/** What went away in the meantime has no text. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
