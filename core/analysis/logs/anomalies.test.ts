import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../base';
import { findLogAnomalies, logAnomalies, type LogAnomalyFact } from './anomalies';
import '../registry';
import { ALL, notFinite, runOf } from '../testing/incident';
import { logAnomaliesOf } from './words';
import type { PlainLine } from './lines';

interface Line {
  readonly body: string;
  readonly win: number;
  readonly session?: string;
  readonly severity?: number;
}

const frame = (lines: readonly Line[]): readonly PlainLine[] =>
  lines.map(({ body, win, session = '', severity = 9 }) => {
    return { body, service: 'service:web', session, severity, inWindow: win === 1 };
  });

/** A request: some lines in order, as one session. */
function request(rng: Rng, win: number, steps: readonly string[]): Line[] {
  const id = rng.int(1e9);
  return steps.map((step) => ({ body: `${step} ${id}`, win, session: `s${id}` }));
}

const STEPS = ['got request', 'read cart', 'asked stock', 'sent answer'];

/** 600 quiet requests, 150 in the window. */
function quiet(seed: number, inWindow: (rng: Rng) => readonly string[] = () => STEPS): Line[] {
  const rng = createRng(seed);
  return [0, 1].flatMap((win) =>
    Array.from({ length: win ? 150 : 600 }, () => [
      ...request(rng, win, win ? inWindow(rng) : STEPS),
      ...(rng.next() < 0.3 ? [{ body: `cache miss of ${rng.int(99)}`, win }] : []),
    ]).flat(),
  );
}

const SHARE = 0.25;
const say = (found: readonly LogAnomalyFact[]): string[] =>
  found.map(({ kind, template, after }) => `${kind}: ${after ? `${after} > ` : ''}${template}`);

describe('anomalies of log templates', () => {
  it('says nothing of quiet lines', () => {
    const found = Array.from({ length: 30 }, (_, i) =>
      findLogAnomalies(frame(quiet(i)), SHARE),
    ).flat();
    expect(found.length).toBeLessThanOrEqual(3);
  });

  it('finds what is new, however rare beside all the rest, and says so', () => {
    const lines = quiet(1);
    for (let i = 0; i < 6; i++)
      lines.splice(2700 + 50 * i, 0, { body: `pool exhausted on node ${i}`, win: 1, severity: 17 });
    const found = findLogAnomalies(frame(lines), SHARE);
    expect(say(found)).toEqual(['new: pool exhausted on node <*>']);
    const [shown] = logAnomaliesOf(found, { from: 0n, to: 1n });
    expect(shown?.reason).toMatch(
      /^Not once in the baseline, 6 lines in the incident\. A quiet window/,
    );
    expect(shown?.from).toBe(2701_000_000n);
    expect(shown?.examples).toHaveLength(3);
  });

  it('weighs a new line against how often the baseline has new ones', () => {
    const rng = createRng(5);
    // Every tenth line is one that never comes again, three times in a row.
    const words = (): string =>
      Array.from({ length: 6 }, () => `w${'abcdefghij'[rng.int(10)]}`).join('');
    const lines = quiet(2).flatMap((line, i): Line[] => {
      if (i % 30 > 0) return [line];
      const body = `${words()} ${words()} ${words()}`;
      return [line, ...Array.from({ length: 3 }, () => ({ body, win: line.win }))];
    });
    expect(findLogAnomalies(frame(lines), SHARE)).toEqual([]);
  });

  it('finds what comes more often, less often, and not at all', () => {
    const lines = quiet(3).filter(({ body, win }) => win === 0 || !body.startsWith('cache miss'));
    const more = lines.flatMap((line) =>
      line.win === 1 && line.body.startsWith('sent answer') ? [line, line, line] : [line],
    );
    expect(say(findLogAnomalies(frame(more), SHARE)).sort()).toEqual([
      'more: sent answer <*>',
      'stopped: cache miss of <*>',
    ]);
  });

  it('does not take a burst for a shift where bursts are usual', () => {
    const rng = createRng(4);
    const bursts = quiet(4).flatMap((line): Line[] =>
      rng.next() < 0.02
        ? [
            line,
            ...Array.from({ length: 10 }, () => ({ body: `retry ${rng.int(9)}`, win: line.win })),
          ]
        : [line],
    );
    const kinds = findLogAnomalies(frame(bursts), SHARE).filter(({ template }) =>
      template.startsWith('retry'),
    );
    expect(kinds).toEqual([]);
  });

  it('takes a new text that comes in one burst for less than one that comes again and again', () => {
    const rng = createRng(12);
    const word = (): string => Array.from({ length: 6 }, () => 'abcdefghij'[rng.int(10)]).join('');
    // Every 120 lines, a burst of twelve that never comes again.
    const lines = quiet(7).flatMap((line, i): Line[] => {
      if (i % 120 > 0) return [line];
      const body = `${word()} ${word()} ${word()}`;
      return [line, ...Array.from({ length: 12 }, () => ({ body, win: line.win }))];
    });
    expect(findLogAnomalies(frame(lines), SHARE)).toEqual([]);
    const from = lines.findIndex(({ win }) => win === 1);
    for (let i = 0; i < 6; i++) lines.splice(from + 20 + 90 * i, 0, { body: 'lease lost', win: 1 });
    expect(say(findLogAnomalies(frame(lines), SHARE))).toEqual(['new: lease lost']);
  });

  it('finds what is said again right away, where it is said in bursts anyway', () => {
    const rng = createRng(13);
    const lines = quiet(8).flatMap((line, i): Line[] => {
      if (i % 25 > 0) return [line];
      const times = 1 + rng.int(2) + (line.win === 1 ? 5 : 0);
      return [line, ...Array.from({ length: times }, () => ({ body: 'disk slow', win: line.win }))];
    });
    expect(say(findLogAnomalies(frame(lines), SHARE))).toEqual(['more: disk slow']);
  });

  it('says that a line stopped, not that those around it are out of order', () => {
    const rng = createRng(14);
    const rare = ['got request', 'paid by card', 'sent answer'];
    const lines = quiet(9).concat();
    const paid = [0, 1].flatMap((win) =>
      Array.from({ length: win ? 12 : 48 }, () =>
        request(rng, win, win ? rare.filter((step) => step !== 'paid by card') : rare),
      ).flat(),
    );
    const all = [0, 1].flatMap((win) => [...lines, ...paid].filter((line) => line.win === win));
    expect(say(findLogAnomalies(frame(all), SHARE))).toEqual(['stopped: paid by card <*>']);
  });

  it('finds lines out of order within a session, and what came there before', () => {
    const swapped = ['got request', 'asked stock', 'read cart', 'sent answer'];
    const lines = quiet(6, (rng) => (rng.next() < 0.5 ? swapped : STEPS));
    const found = findLogAnomalies(frame(lines), SHARE);
    expect(say(found)).toContain('order: asked stock <*> > read cart <*>');
    expect(found.every(({ kind }) => kind === 'order')).toBe(true);
    const [first] = found.filter(({ template }) => template === 'read cart <*>');
    expect(first?.instead).toBe('sent answer <*>');
    expect(logAnomaliesOf(found, { from: 0n, to: 1n })[0]?.reason).toContain('right after');
  });

  it('takes more traffic for more traffic', () => {
    const rng = createRng(8);
    const steps = Array.from({ length: 12 }, (_, i) => `step${' on'.repeat(i)} of`);
    const lines = [0, 1].flatMap((win) =>
      Array.from({ length: win ? 400 : 600 }, () => request(rng, win, steps)).flat(),
    );
    expect(findLogAnomalies(frame(lines), SHARE)).toEqual([]);
  });

  it('is finite and the same on the lines of an incident, and silent without a baseline', async () => {
    const found = await runOf(logAnomalies, ALL);
    expect(notFinite(found)).toEqual([]);
    expect(findLogAnomalies(frame(quiet(1).map((line) => ({ ...line, win: 1 }))), 1)).toEqual([]);
  });
});
