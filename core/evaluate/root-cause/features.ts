import { z } from 'zod';
import { FEATURES } from '../../analysis';
import { FaultlineError } from '../../base';
import type { Labelled, Outcome } from './outcome';

/** What a fit and the hit rates need of a case. */
export type FitCase = Pick<
  Outcome,
  'set' | 'system' | 'simulated' | 'kind' | 'quiet' | 'abstained' | 'fused'
> & { readonly result: { readonly id: string } };

const method = z.strictObject({
  id: z.string(),
  version: z.number(),
  rank: z.number(),
  score: z.number(),
});

const candidateLine = z.strictObject({
  set: z.string(),
  system: z.string(),
  simulated: z.boolean(),
  kind: z.string(),
  id: z.string(),
  quiet: z.boolean(),
  verdict: z.enum(['ranked', 'insufficient-evidence']),
  place: z.number().int().positive(),
  isTrue: z.boolean(),
  confidence: z.number(),
  features: z.record(z.string(), z.number()),
  methods: z.array(method),
});

type CandidateLine = z.infer<typeof candidateLine>;

/**
 * A JSON line for each candidate of each case, best first: what the confidence and the hit rates are fitted on.
 * A case without candidates has none.
 */
export function featureLines(cases: readonly FitCase[]): string {
  return cases.flatMap((one) => one.fused.map((own) => `${lineOf(one, own)}\n`)).join('');
}

function lineOf(
  { set, system, simulated, kind, quiet, abstained, result }: FitCase,
  { place, correct, confidence, features, methods }: Labelled,
): string {
  const line: CandidateLine = {
    set,
    system,
    simulated,
    kind,
    id: result.id,
    quiet,
    verdict: abstained ? 'insufficient-evidence' : 'ranked',
    place,
    isTrue: correct,
    confidence,
    features: Object.fromEntries(FEATURES.map((name, at) => [name, features[at] ?? 0])),
    methods: [...methods],
  };
  return JSON.stringify(line);
}

/**
 * The cases of such lines. Errors: 'format/damaged' where a line is none, or lacks a feature that is asked for
 * today.
 */
export function readFeatureLines(text: string, where: string): readonly FitCase[] {
  const cases = new Map<string, FitCase & { fused: Labelled[] }>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const parsed = candidateLine.safeParse(parseJson(line));
    const names = parsed.success ? parsed.data.features : {};
    if (!parsed.success || !FEATURES.every((name) => name in names)) {
      throw new FaultlineError(
        'format/damaged',
        `Line ${i + 1} of ${where} is not what --features writes today: write it anew.`,
      );
    }
    const { id, verdict, place, isTrue: correct, confidence, methods, ...about } = parsed.data;
    const key = `${about.set}/${id}`;
    const one = cases.get(key) ?? {
      ...about,
      abstained: verdict !== 'ranked',
      result: { id },
      fused: [],
    };
    const features = FEATURES.map((name) => names[name] ?? 0);
    one.fused.push({ place, correct, confidence, features, methods });
    cases.set(key, one);
  }
  return [...cases.values()];
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
