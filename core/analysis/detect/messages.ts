import { z } from 'zod';
import type { Frame } from '../../model';
import { messageShift } from '../../model/queries';
import { defineAnalysis } from '../seam';
import type { MessageShift } from '../shifts';
import { betaBinomialTail, known, welch } from '../stats';
import { queryWindows } from '../windows';

type MessageFrame = Frame<(typeof messageShift)['def']['columns']>;

export const messages = defineAnalysis({
  id: 'detect.messages',
  kind: 'detect',
  version: 1,
  title: 'Comparing who takes messages, and how soon',
  cite: 'tail of the beta-binomial with the Jeffreys prior; Welch (Biometrika 1947) on log lag',
  params: z.object({ logFloor: z.number().positive().default(0.1) }),
  uses: {},
  inputs: ({ incident, baseline }) => ({
    messages: messageShift(queryWindows(incident, baseline)),
  }),
  run: ({ frames, params: { logFloor } }) => messageShifts(frames.messages, logFloor),
});

interface Taken {
  readonly n: number;
  readonly sum: number;
  readonly sq: number;
}
const NONE: Taken = { n: 0, sum: 0, sq: 0 };

/** More of one kind than this tell no more, and cost time. */
const MOST = 200;

/** One for each sender and taker of a kind of message that was taken in the baseline. */
function messageShifts({ rows, col }: MessageFrame, floor: number): readonly MessageShift[] {
  const sent = new Map<string, [number, number]>();
  const taken = new Map<string, { at: number; by: [Taken, Taken] }>();
  for (let i = 0; i < rows; i++) {
    const kind = [col.producer[i], col.queue[i], col.name[i]].join('\u0001');
    const win = col.win[i] === 1 ? 1 : 0;
    const consumer = col.consumer[i] ?? '';
    const n = known(col.n[i]);
    if (consumer === '') {
      const all = sent.get(kind) ?? [0, 0];
      all[win] = n;
      sent.set(kind, all);
      continue;
    }
    const key = `${kind}\u0001${consumer}`;
    const pair = taken.get(key) ?? { at: i, by: [NONE, NONE] };
    pair.by[win] = { n, sum: known(col.lag_log[i]), sq: known(col.lag_log_sq[i]) };
    taken.set(key, pair);
  }
  return [...taken.values()].flatMap(({ at, by: [before, now] }) => {
    const kind = [col.producer[at], col.queue[at], col.name[at]].join('\u0001');
    const [sent0, sent1] = sent.get(kind) ?? [0, 0];
    if (before.n < LEAST || sent1 === 0) return [];
    const missed = Math.max(0, sent1 - now.n);
    const n = Math.min(sent1, MOST);
    const scale = Math.min(1, MOST / Math.max(1, sent0));
    const prior = {
      miss: Math.max(0, sent0 - before.n) * scale + 0.5,
      hit: before.n * scale + 0.5,
    };
    const tail = betaBinomialTail(Math.round((missed * n) / sent1), n, prior.miss, prior.hit);
    return [
      {
        producer: col.producer[at] ?? '',
        queue: col.queue[at] ?? '',
        consumer: col.consumer[at] ?? '',
        sent0,
        sent1,
        taken0: before.n,
        taken1: now.n,
        surprise: missed === 0 ? 0 : -Math.log10(Math.max(1e-12, tail)),
        lagZ: now.n === 0 ? 0 : welch(before, now, floor),
      },
    ];
  });
}

/** Messages of the baseline from which on it is known that somebody takes them. */
const LEAST = 3;
