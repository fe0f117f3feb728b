import { describe, expect, it } from 'vitest';
import type { CatalogItem } from '../../../../core/connect';
import { firstQuestion, nextQuestion, type Counted, type Question, type Step } from './question';

const item = (id: string, selected: boolean): CatalogItem => ({
  id,
  title: id,
  signal: 'samples',
  count: 3,
  unit: 'series',
  selected,
});
const counted: Counted = {
  connectionId: 'p',
  windows: [{ from: 0n, to: 9n }],
  catalog: { items: [item('up', true), item('go_info', false)], notices: [] },
};
const after = (...steps: readonly Step[]): Question =>
  steps.reduce(nextQuestion, firstQuestion({ from: 'now-1h', to: 'now' }));
const answer: Step = { kind: 'counted', version: 0, counted };

describe('the question of a pull', () => {
  it('is counted, with what the backend itself would choose', () => {
    expect(after({ kind: 'count' }).counting).toBe(true);
    const asked = after({ kind: 'count' }, answer);
    expect(asked).toMatchObject({ counting: false, counted, reached: true });
    expect([...asked.chosen]).toEqual(['up']);
    expect([
      ...after({ kind: 'count' }, answer, { kind: 'choose', ids: new Set() }).chosen,
    ]).toEqual([]);
  });

  it('knows that the backend answers until it is changed', () => {
    const time: Step = { kind: 'time', text: { from: 'now-6h', to: 'now' } };
    expect(after({ kind: 'count' }, answer, time).reached).toBe(true);
    expect(after({ kind: 'count' }, answer, { kind: 'backend' }).reached).toBe(false);
  });

  it.each<Step>([
    { kind: 'time', text: { from: 'now-6h', to: 'now' } },
    { kind: 'baselines', ids: new Set(['previous'] as const) },
    { kind: 'backend' },
  ])('has to be counted anew after another $kind', (step) => {
    expect(after({ kind: 'count' }, answer, step).counted).toBeUndefined();
  });

  it('takes no answer to an older question', () => {
    const late = after({ kind: 'count' }, { kind: 'backend' }, answer);
    expect(late).toMatchObject({ counting: false, counted: undefined });
    const again = after({ kind: 'count' }, { kind: 'backend' }, { kind: 'count' }, answer);
    expect(again).toMatchObject({ counting: true, counted: undefined });
    const failed: Step = { kind: 'not-counted', version: 0, message: 'No.' };
    expect(after({ kind: 'count' }, { kind: 'backend' }, failed).failure).toBeUndefined();
  });

  it('keeps what was counted when only the budget changes', () => {
    const asked = after({ kind: 'count' }, answer, { kind: 'budget', text: '200k' });
    expect(asked).toMatchObject({ counted, budget: '200k' });
  });

  it('says why it was not counted until it is counted again; a cancel says nothing', () => {
    const failed: Step = { kind: 'not-counted', version: 0, message: 'No.' };
    expect(after({ kind: 'count' }, failed)).toMatchObject({ counting: false, failure: 'No.' });
    expect(after({ kind: 'count' }, failed, { kind: 'count' }).failure).toBeUndefined();
    const cancelled: Step = { kind: 'not-counted', version: 0 };
    expect(after({ kind: 'count' }, cancelled)).toMatchObject({ counting: false });
  });
});
