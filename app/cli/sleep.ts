import { setTimeout as wait } from 'node:timers/promises';
import { cancelled } from '../../core/base';

export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch {
    throw cancelled();
  }
}
