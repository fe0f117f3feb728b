import { useApp } from './store';

/**
 * What is under way: jobs and queries. Tests wait for `window.__faultline.idle()`, never for time.
 */
let pending = 0;
const waiting = new Set<() => void>();

export async function track<T>(work: Promise<T>): Promise<T> {
  pending++;
  try {
    return await work;
  } finally {
    pending--;
    settle();
  }
}

function quiet(): boolean {
  const running = useApp
    .getState()
    .jobs.some((job) => job.state === 'running' && !['receive', 'follow'].includes(job.kind));
  return pending === 0 && !running;
}

function settle(): void {
  // Two frames: what came is drawn, and what it asked for in turn has begun.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (!quiet()) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    }),
  );
}

export function idle(): Promise<void> {
  return new Promise((resolve) => {
    waiting.add(resolve);
    settle();
  });
}

export function watchIdle(): void {
  useApp.subscribe((state, before) => {
    if (state.jobs !== before.jobs) settle();
  });
  Object.assign(window, { __faultline: { idle, state: () => useApp.getState() } });
}
