import { z } from 'zod';
import { FaultlineError, formatRfc3339, parseRfc3339, type TimeWindow } from '../../base';
import { writeSample } from '../../session';
import {
  pairOf,
  scenarios,
  simulate,
  systems,
  systemsOf,
  writeCaseFolder,
  type SimulateOptions,
} from '../../simulate';
import type { CaseStore } from '../../store';
import type { SetFolder } from '../task';
import type { CaseTexts } from './bed';
import { parseTruth, truthOf, type Truth } from './truth';

/** A case that can be asked about, before anything of it is read. */
export interface LabelledCase {
  readonly id: string;
  /** Names what is imported, for beds that keep it. */
  readonly key: string;
  /** Which system it is of, where its set holds several. */
  readonly system?: string;
  readonly truth: Truth;
  /** Of a recorded case, where both are stated. */
  readonly windows?: { readonly incident: TimeWindow; readonly baseline: TimeWindow };
  /** The files' texts; the answer is not among them. */
  texts(): Promise<CaseTexts>;
  /** A shorter way into a case than over the texts, where there is one. */
  readonly fill?: (store: CaseStore) => Promise<void>;
}

/** Files that hold the answer: they never reach an import. */
const ANSWERS = /^(truth\.|groups\.)/;
const FILE = /\.(json|jsonl|txt|csv)(\.gz)?$/;

/** Folders of case.json and truth.json, whatever they are called; other files are passed over. */
export async function caseFolders(set: SetFolder): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await set.list()) {
    if (FILE.test(name)) continue;
    if ((await set.has(`${name}/case.json`)) && (await set.has(`${name}/truth.json`)))
      found.push(name);
  }
  return found;
}

export async function folderCase(set: SetFolder, id: string): Promise<LabelledCase> {
  const truth = parseTruth(await set.text(`${id}/truth.json`), `${set.name}/${id}/truth.json`);
  return {
    id,
    key: `${set.name}-${id}`,
    truth,
    windows: windowsOf(await set.text(`${id}/case.json`)),
    texts: async () => {
      const texts = new Map<string, string>();
      for (const name of await set.list(id)) {
        if (FILE.test(name) && !ANSWERS.test(name))
          texts.set(name, await set.text(`${id}/${name}`));
      }
      return texts;
    },
  };
}

const stated = z.object({ from: z.string(), to: z.string() });
const windowsFile = z.object({ incident: stated.nullish(), baseline: stated.nullish() });

function windowsOf(json: string): LabelledCase['windows'] {
  const parsed = windowsFile.safeParse(JSON.parse(json));
  const window = (one: z.infer<typeof stated> | null | undefined): TimeWindow | undefined => {
    const [from, to] = [parseRfc3339(one?.from ?? ''), parseRfc3339(one?.to ?? '')];
    return from === undefined || to === undefined ? undefined : { from, to };
  };
  const [incident, baseline] = [window(parsed.data?.incident), window(parsed.data?.baseline)];
  return incident && baseline ? { incident, baseline } : undefined;
}

/** Two faults at once: so many pairs for each seed. */
const PAIRS = 4;

/** Seeds by their number, from 1; the case's own seed is 100 more. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Every scenario of the simulator, each with these seeds, pairs of them, and for each seed a quiet recording
 * beside that of the day before; the systems take turns.
 */
export function simulatedCases(
  { first, last }: SeedRange,
  size: SimulateOptions['size'],
): readonly LabelledCase[] {
  const seeds = Array.from({ length: last - first + 1 }, (_, i) => first - 1 + i);
  const single = scenarios.flatMap(({ id: scenario }, turn) => {
    const able = systemsOf(scenario);
    return seeds.map((i) => {
      const system = able[(turn + i) % able.length];
      return simulatedCase({ scenario, system, seed: 101 + i, size });
    });
  });
  const turns = seeds.flatMap((i) => Array.from({ length: PAIRS }, (_, p) => i * PAIRS + p));
  const pairs = turns.map((i) => {
    const system = systems[i % systems.length]?.id;
    return simulatedCase({ scenario: pairOf(101 + i, system), system, seed: 101 + i, size });
  });
  const others = seeds.map((i) =>
    otherDayCase({ system: systems[i % systems.length]?.id, seed: 101 + i, size }),
  );
  return [...single, ...pairs, ...others];
}

const DAY = 86_400_000_000_000n;

/** Nothing is wrong, and what it is held against is the recording of the day before. */
function otherDayCase(given: Omit<SimulateOptions, 'scenario'>): LabelledCase {
  const before = simulate({ ...given, scenario: 'quiet' });
  const { options } = before;
  const start = options.start + DAY;
  const after = simulate({ ...options, seed: options.seed + OTHER_DAY, start });
  const baseline = before.hints.baseline;
  return {
    ...simulatedCase(options),
    id: `${options.system}/quiet-other-day/${options.seed}`,
    key: `simulator-${options.system}-quiet-other-day-${options.seed}-${String(options.size)}`,
    truth: { ...truthOf([], 'service'), kind: 'quiet-other-day' },
    texts: async () => {
      const texts = new Map(await simulatedTexts(after.options));
      for (const [name, text] of await simulatedTexts(options)) {
        if (name !== CASE) texts.set(besideName(name), text);
      }
      const facts = JSON.parse(texts.get(CASE) ?? '{}') as Record<string, unknown>;
      const windows = {
        incident: spanText(after.hints.incident),
        baseline: baseline ? spanText(baseline) : null,
      };
      return texts.set(CASE, JSON.stringify({ ...facts, ...windows }));
    },
    fill: async (store) => {
      await writeSample(store, options, 1n, undefined, () => undefined);
      await writeSample(store, after.options, 1n, undefined, () => undefined);
      await store.setRequest({
        incident: after.hints.incident,
        baselines: baseline ? [baseline] : undefined,
      });
    },
  };
}

const CASE = 'case.json';

const spanText = ({ from, to }: TimeWindow): Record<'from' | 'to', string> => ({
  from: formatRfc3339(from),
  to: formatRfc3339(to),
});

/** Seeds of the second day: no case of its own has them. */
const OTHER_DAY = 50_000;

/** The name of another recording's file beside one of the same kind. */
export function besideName(name: string): string {
  return name.replace('.', '.other.');
}

function simulatedCase(given: SimulateOptions): LabelledCase {
  const { truth, options } = simulate(given);
  const cause = truth.root_cause;
  const causes = truth.root_causes ?? (cause ? [cause] : []);
  const stated = truthOf(causes, truth.level);
  const { scenario, system, seed, size } = options;
  return {
    id: `${system}/${scenario}/${seed}`,
    key: `simulator-${system}-${scenario}-${seed}-${String(size)}`,
    system: `simulator: ${system}`,
    // A host at fault is named as the entity it is.
    truth: {
      ...stated,
      names: causes.map(({ service }) => service),
      // Pairs are drawn from many: they are told apart from single faults, not from each other.
      kind: causes.length > 1 ? 'two faults at once' : stated.kind || scenario,
    },
    texts: () => simulatedTexts(options),
    fill: (store) => writeSample(store, options, 1n, undefined, () => undefined),
  };
}

async function simulatedTexts(options: SimulateOptions): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  await writeCaseFolder(simulate(options), async (name, chunks) => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    if (!ANSWERS.test(name)) texts.set(name, text + decoder.decode());
  });
  return texts;
}

/**
 * 'simulator', 'simulator:20' (that many seeds) or 'simulator:11-20' (these of them), say; undefined where
 * the word means a folder. Errors: 'usage'.
 */
export function seedsOf(
  place: string,
  made: 'simulator' | 'planted-metrics',
): SeedRange | undefined {
  if (place === made) return { first: 1, last: 3 };
  if (!place.startsWith(`${made}:`)) return undefined;
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(place.slice(made.length + 1)) ?? [];
  const first = to === undefined ? 1 : Number(from);
  const last = Number(to ?? from);
  if (!(first >= 1 && last >= first)) {
    throw new FaultlineError(
      'usage',
      `Which seeds are "${place}"? Say ${made}:20, or ${made}:11-20.`,
    );
  }
  return { first, last };
}
