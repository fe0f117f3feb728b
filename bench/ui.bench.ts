import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright';
import { tasksOf, type TraceEvent } from './ui-trace';

export interface UiFigure {
  readonly what: string;
  readonly ms: number;
  /** What it should stay below. */
  readonly limitMs: number;
  /** `ms` as a share of the limit. */
  readonly ratio: number;
  readonly note: string;
}

/** About 100,000 spans. */
const SIZE = '1.7';
const FRAME_MS = 1000 / 60;
const TASK_MS = 50;
const BRUSHES = 12;

const cli = join(import.meta.dirname, '../cli/faultline.mjs');

interface Probed {
  readonly __faultline: { idle(): Promise<void> };
}

const idle = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as unknown as Probed)['__faultline'].idle());

/** First view, opening, brushing and the longest task of the page, on a case of 100,000 spans in Chromium. */
export async function uiBench(): Promise<readonly UiFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const file = join(folder, 'bench.faultline');
  execFileSync(process.execPath, [cli, 'sample', '--quiet', '--size', SIZE, '--case', file]);
  execFileSync(process.execPath, [cli, 'analyze', '--quiet', file]);
  const server = await serve(folder, file);
  let context: BrowserContext | undefined;
  try {
    context = await chromium.launchPersistentContext(join(folder, 'browser'), {
      executablePath: process.env['FAULTLINE_CHROMIUM'] ?? '/usr/bin/chromium',
      viewport: { width: 1440, height: 900 },
      chromiumSandbox: process.getuid?.() !== 0,
    });
    return await measure(context.pages()[0] ?? (await context.newPage()), server.url);
  } finally {
    await context?.close();
    server.child.kill('SIGINT');
    await once(server.child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(page: Page, url: string): Promise<readonly UiFigure[]> {
  const started = performance.now();
  await page.goto(url);
  await page
    .getByText(/^Probably /)
    .first()
    .waitFor({ timeout: 120_000 });
  const opened = performance.now() - started;
  await idle(page);
  const settled = performance.now() - started;

  const session = await page.context().newCDPSession(page);
  const stop = await startTrace(session);
  const brushes = await interact(page);
  const tasks = tasksOf(await stop());
  const median = brushes[Math.floor(brushes.length / 2)] ?? Number.NaN;
  const long = tasks.filter(({ cpuMs }) => cpuMs > TASK_MS).length;
  const [worst] = tasks;
  const slowest = [...tasks].sort((a, b) => b.wallMs - a.wallMs)[0];
  return [
    figure('first view: navigation to verdict', opened, 3000, 'the case opened with it'),
    figure('open: navigation to everything drawn', settled, 5000, 'every panel answered'),
    figure('brush to repaint, median', median, FRAME_MS, `of ${brushes.length} answers`),
    figure('brush to repaint, slowest', brushes.at(-1) ?? Number.NaN, 3 * FRAME_MS, ''),
    figure(
      'longest UI task, processor time',
      worst?.cpuMs ?? Number.NaN,
      TASK_MS,
      `${long} of ${tasks.length} above ${TASK_MS} ms; ${worst?.what ?? ''}`,
    ),
    figure(
      'longest UI task, by the clock',
      slowest?.wallMs ?? Number.NaN,
      TASK_MS,
      slowest?.what ?? '',
    ),
  ];
}

const figure = (what: string, ms: number, limitMs: number, note: string): UiFigure => ({
  what,
  ms,
  limitMs,
  ratio: ms / limitMs,
  note,
});

/** What a person does in the first minute; resolves to the brushes' times, sorted. */
async function interact(page: Page): Promise<readonly number[]> {
  await page.evaluate(() => performance.clearMeasures('faultline.brush'));
  const box = await page.getByRole('application', { name: 'Timeline' }).boundingBox();
  if (!box) throw new Error('The timeline is not there.');
  const y = box.y + 120;
  const x = (share: number): number => box.x + 190 + share * (box.width - 210);
  for (let i = 0; i < BRUSHES; i++) {
    const from = 0.05 + (i % 4) * 0.2;
    await page.mouse.move(x(from), y);
    await page.mouse.down();
    await page.mouse.move(x(from + 0.15), y, { steps: 8 });
    await page.mouse.up();
    await idle(page);
  }
  const findings = page.getByRole('list', { name: 'Probable causes' }).getByRole('listitem');
  const most = Math.min(3, await findings.count());
  for (const tab of ['Evidence', 'Metrics', 'Logs', 'Traces', 'Changes']) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await idle(page);
    for (let at = 0; at < most; at++) {
      await findings.nth(at).click();
      await idle(page);
    }
  }
  for (const key of ['w', 'w', 'd', 'a', 's', 'f', 'f', 'Escape']) {
    await page.keyboard.press(key);
    await idle(page);
  }
  return page.evaluate(() =>
    performance
      .getEntriesByName('faultline.brush')
      .map(({ duration }) => duration)
      .sort((a, b) => a - b),
  );
}

/** Traces the page's process; the function ends it and gives the events. */
async function startTrace(session: CDPSession): Promise<() => Promise<readonly TraceEvent[]>> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as TraceEvent[]));
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'devtools.timeline',
        'disabled-by-default-devtools.timeline',
        'toplevel',
      ],
    },
  });
  return async () => {
    const complete = new Promise<void>((resolve) =>
      session.once('Tracing.tracingComplete', () => resolve()),
    );
    await session.send('Tracing.end');
    await complete;
    return events;
  };
}

/** The browser host on a case; `url` leads into it. */
export async function serve(
  userDir: string,
  path: string,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [cli, 'serve', '--json', path], {
    env: { ...process.env, FAULTLINE_USER_DIR: userDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"url"\s*:\s*"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error('The browser host did not start.');
}
