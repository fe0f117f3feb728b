import { expect } from 'vitest';
import { createRng } from '../../base';
import type { Connector, PullItem, PullRequest, Upstream } from '..';
import { gather, hashOf, pullAll, untilMark, type Pulled, type Tables } from './pulled';
import { CountingUpstream, unreliable } from './upstreams';

const KILLS = 5;

/** Opens the connector on an upstream. */
export type Open = (upstream: Upstream) => Connector;

/**
 * A pull that is killed five times, each time at a random item: what came after the last mark is lost, as in a
 * process that dies, and the next one goes on from there. Gives the hash of what is there at the end.
 */
export async function killedAndResumed(
  open: Open,
  upstream: Upstream,
  request: PullRequest,
  calm: Pulled,
): Promise<string> {
  const random = createRng('kills');
  const kept: Tables[] = [];
  let resumeAt: string | undefined;
  for (let kill = 0; kill < KILLS; kill++) {
    const lives = 1 + random.int(Math.max(1, Math.ceil(calm.items.length / 2)));
    const items: PullItem[] = [];
    const asked = resumeAt === undefined ? request : { ...request, resumeAt };
    for await (const item of open(upstream).pull(asked, new AbortController().signal)) {
      items.push(item);
      if (items.length >= lives) break;
    }
    const { cursors } = gather(items);
    if (cursors.length === 0) continue;
    const saved = untilMark(gather(items), cursors.length - 1);
    kept.push(saved.kept.tables);
    resumeAt = saved.cursor;
  }
  const asked = resumeAt === undefined ? request : { ...request, resumeAt };
  return hashOf(...kept, (await pullAll(open(upstream), asked)).tables);
}

/** The hash of a pull from a backend that refuses, cuts and delays its answers at random. */
export async function onABadDay(
  open: Open,
  upstream: Upstream,
  request: PullRequest,
): Promise<string> {
  const counting = new CountingUpstream(unreliable(upstream, createRng('a bad day')));
  const pulled = await pullAll(open(counting), request);
  expect(pulled.notices.map(({ code }) => code)).toContain('retried');
  return hashOf(pulled.tables);
}
