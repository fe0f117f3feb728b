import { describe, expect, it } from 'vitest';
import { FEATURES } from '../analysis';
import { createRng } from '../base';
import { benchMarkdown } from './markdown';
import {
  crossValidated,
  fitCalibration,
  fitModule,
  featureLines,
  hitRates,
  hitRatesModule,
  overallScores,
  readFeatureLines,
  scoreRun,
} from './root-cause';
import { keptScores, keptText, mergedRuns, readKept } from './kept';
import type { Outcome } from './root-cause';

const BASE = {
  set: 'petshop',
  simulated: false,
  system: 'petshop',
  kind: 'delay',
  quiet: false,
  abstained: false,
  inner: { region: undefined, metric: undefined, change: undefined },
  truths: ['cart'],
  choices: 10,
  largestZ: { rank: null, lenient: null },
  trouble: { signs: [], total: 1 },
  silences: [],
  ablations: [],
} as const;

/** The strength tells how likely the first is right; `hit` says whether it was. */
function outcome(id: string, hit: boolean, strength: number, more: Partial<Outcome> = {}): Outcome {
  const rank = hit ? 1 : 2;
  const method = (correct: boolean, place: number) => ({
    place,
    correct,
    confidence: 0.9,
    features: FEATURES.map((name) => (name === 'lead' ? strength : 0.5)),
    methods: [{ id: 'rca.x', version: 1, rank: place, score: 1 }],
  });
  const entry = (name: string, score: number, correct: boolean) => {
    return { id: name, score, confidence: 0.9, correct, members: [] };
  };
  return {
    ...BASE,
    placing: { rank, lenient: rank },
    each: [{ rank, lenient: rank }],
    ranking: [entry(hit ? 'cart' : 'shop', 2, hit), entry(hit ? 'shop' : 'cart', 1, !hit)],
    fused: [method(hit, 1), method(!hit, 2)],
    result: { id, truth: 'cart', rank, top: ['cart'], seconds: 0.1, verdict: 'ranked' },
    ...more,
  };
}

const rng = createRng(3);
const many = Array.from({ length: 400 }, (_, i) => {
  const strength = rng.next();
  const set = ['a', 'b', 'c'][i % 3] ?? 'a';
  return outcome(`c${i}`, rng.next() < strength, strength, { set, system: set });
});

describe('the fit of the confidence', () => {
  it('is right about systems that it has not seen, where saying 0.9 to all is not', () => {
    const [left] = crossValidated(many);
    expect(left).toMatchObject({ set: 'recorded, each system left out', cases: 400 });
    expect(left?.metrics['ece']).toBeLessThan(0.09);
    expect(left?.metrics['brierSkill']).toBeGreaterThan(0.15);
    // One fault kind alone: there is nothing to leave out.
    expect(crossValidated(many)).toHaveLength(1);
  });

  it('comes out the same from the lines that were written of the cases', () => {
    const read = readFeatureLines(featureLines(many), 'features.jsonl');
    expect(read).toHaveLength(400);
    expect(fitCalibration(read)).toEqual(fitCalibration(many));
    expect(hitRates(read)).toEqual(hitRates(many));
  });

  it.each([
    ['of other features', (line: string) => line.replace('"lead"', '"leap"')],
    ['that are none', () => '{"set":'],
  ])('refuses lines %s', (_, spoilt) => {
    const [line = ''] = featureLines(many.slice(0, 1)).split('\n');
    expect(() => readFeatureLines(`${line}\n${spoilt(line)}\n`, 'x')).toThrow(/Line 2 of x/);
  });

  it('writes what it found as a module, without the places of this machine', () => {
    const fit = fitCalibration(many);
    expect(fit.first.weights[0]).toBeGreaterThan(2);
    const text = fitModule(fit, ['simulator:8', 'petshop']);
    // Neither firstByNumber nor any other feature but the lead varies here.
    expect(text).toContain('firstByNumber: 0,');
    expect(text).toContain(`intercept: ${Number(fit.first.intercept.toFixed(4))},`);
    expect(text).toContain(`lead: ${Number(fit.first.weights[0]?.toFixed(4))},`);
    expect(text).toContain('faultline bench simulator:8 petshop --fit');
  });
});

describe('the report', () => {
  const silent = {
    id: 'x',
    kind: 'another day',
    top: null,
    confidence: null,
    features: [],
    trouble: { signs: [], total: 0 },
  } as const;
  const wrong = outcome('case-7', false, 0.5, {
    ablations: [{ without: 'rca.x', placing: { rank: 1, lenient: 1 }, abstained: false }],
    silences: [
      { ...silent, silent: true },
      { ...silent, silent: false, top: 'cart' },
    ],
  });
  const right = outcome('case-8', true, 0.5, {
    ablations: [{ without: 'rca.x', placing: { rank: 4, lenient: 4 }, abstained: false }],
  });
  const run = { set: 'petshop', outcomes: [wrong, right], passedOver: [] };
  const text = benchMarkdown({
    scores: [scoreRun(run), ...overallScores(run.outcomes)],
    outcomes: run.outcomes,
    reasons: { 'petshop/case-7': 'Both slow at once.' },
    command: 'faultline bench petshop --markdown',
  });

  it('has ours beside the published, the ablations, and the wrong case with its reason', () => {
    expect(text).toMatch(/\| top1 \| 0\.500 \| 0\.\d+ to 0\.\d+ \| 0\.654 \| 0\.706 \|/);
    expect(text).toMatch(/\| without rca\.x \| 0\.500 \/ 0\.500 \(2\) \|/);
    expect(text).toMatch(/petshop\/case-7 \| cart \| 2 \| cart \| Both slow at once\./);
    expect(text).not.toContain('petshop/case-8');
  });

  it('has the quiet windows by how they were made, and which of them were answered', () => {
    expect(text).toMatch(/\| all \| 2 \| 0\.500 \| 0\.\d+ to 0\.\d+ \|/);
    expect(text).toMatch(/\| recorded: another day \| 2 \| 0\.500 \|/);
    expect(text).toContain('Answered although nothing was wrong: petshop/x (cart).');
    expect(text).toMatch(/\| recorded \| 2 \| 0 \| 0\.000 \|/);
  });

  it('counts a hit of a method where its own first was right', () => {
    const rate = { hits: 1, of: 2, simulated: false };
    expect(hitRates(run.outcomes)).toMatchObject([
      { method: 'rca.fusion', kind: '', ...rate },
      { method: 'rca.fusion', kind: 'delay', ...rate },
      { method: 'rca.x', kind: '', ...rate },
      { method: 'rca.x', kind: 'delay', ...rate },
    ]);
    expect(hitRatesModule(run.outcomes, ['petshop'])).toContain(
      '{ method: \'rca.x\', kind: "delay", simulated: false, hits: 1, of: 2, low: 0.095, high: 0.905 },',
    );
  });

  it('is the same from what was kept, in parts and with a case run twice', () => {
    const parts = [
      { ...run, outcomes: [right, { ...wrong, abstained: true }] },
      { ...run, outcomes: [wrong] },
    ];
    const kept = parts.map((part) => readKept(keptText({ variant: '', run: part }), 'x'));
    expect(keptScores(kept)).toMatchObject([
      { set: 'petshop', cases: 2, metrics: { top1: 0.5, lost: 0 } },
    ]);
    const again = { ...run, outcomes: [{ ...wrong, silences: [], ablations: [] }] };
    const [merged] = mergedRuns([run, again]);
    expect(merged?.outcomes[0]).toEqual(wrong);
    const other = { variant: 'blind', run };
    expect(keptScores([...kept, other]).map(({ set }) => set)).toEqual([
      'petshop',
      'petshop, blind',
    ]);
    const bare = {
      set: 'logs',
      task: 'log-anomalies',
      metrics: { recall: Number.NaN, precision: 1 },
    };
    const back = readKept(keptText({ variant: '', score: bare as never }), 'x');
    expect(back.score?.metrics).toEqual({ precision: 1 });
    expect(() => readKept('{"schema":1}', 'x')).toThrow(/run its set anew/);
  });

  it('counts what insight would have to beat', () => {
    expect(scoreRun(run).nulls).toEqual({ prior: 1, random: 0.1, largestZ: 0 });
  });
});
