import { FaultlineError } from '../../base';
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

/** Two faults at once: so many pairs for each seed. */
const PAIRS = 4;

/** Every scenario of the simulator, each with so many seeds, and pairs of them; the systems take turns. */
export function simulatedCases(
  seeds: number,
  size: SimulateOptions['size'],
): readonly LabelledCase[] {
  const single = scenarios.flatMap(({ id: scenario }, turn) => {
    const able = systemsOf(scenario);
    return Array.from({ length: seeds }, (_, i) => {
      const system = able[(turn + i) % able.length];
      return simulatedCase({ scenario, system, seed: 101 + i, size });
    });
  });
  const pairs = Array.from({ length: seeds * PAIRS }, (_, i) => {
    const system = systems[i % systems.length]?.id;
    return simulatedCase({ scenario: pairOf(101 + i, system), system, seed: 101 + i, size });
  });
  return [...single, ...pairs];
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

async function simulatedTexts(options: SimulateOptions): Promise<CaseTexts> {
  const texts = new Map<string, string>();
  await writeCaseFolder(simulate(options), async (name, chunks) => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    if (!ANSWERS.test(name)) texts.set(name, text + decoder.decode());
  });
  return texts;
}

/** 'simulator' or 'simulator:20': how many seeds a scenario; undefined where the word means a folder. */
export function simulatorSeeds(place: string): number | undefined {
  const [, count] = /^simulator(?::(\d+))?$/.exec(place) ?? [];
  if (!/^simulator(:|$)/.test(place)) return undefined;
  const seeds = place === 'simulator' ? 3 : Number(count);
  if (!(seeds >= 1))
    throw new FaultlineError('usage', `How many seeds is "${place}"? Say simulator:20.`);
  return seeds;
}
