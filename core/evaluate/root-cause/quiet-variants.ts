import { createRng } from '../../base';
import type { TaskOptions } from '../task';
import { importTexts, type CaseBed, type CaseTexts } from './bed';
import { besideName, type LabelledCase } from './cases';
import type { Silence } from './outcome';
import { gapBetween, otherDayCut, quietCut, type QuietCut, type QuietKind } from './quiet';
import { withDeploys, withDoubledTraffic } from './quiet-texts';
import { silenceOf } from './silence';

/** In turns over the cases of a set, so that a few cuts a case make as many of each. */
const TURNS: readonly QuietKind[] = [
  'same recording',
  'harmless deploys',
  'doubled traffic',
  'another day',
];

/** Which kinds of quiet windows are cut from the case at `index`; of a simulated one only its own baseline. */
export function quietKinds(index: number, count: number, simulated: boolean): readonly QuietKind[] {
  return Array.from({ length: count }, (_, i) =>
    simulated ? 'same recording' : (TURNS[(index + i) % TURNS.length] ?? 'same recording'),
  );
}

/**
 * A quiet window that takes other files than the case's: releases put in, traces left out, another day's
 * recording beside it. Undefined where the case has no baseline, no
 * traces to leave out, or the set no other day.
 */
export async function quietVariant(
  one: LabelledCase,
  kind: QuietKind,
  cases: readonly LabelledCase[],
  bed: CaseBed,
  options: TaskOptions,
): Promise<Silence | undefined> {
  const made = await variantOf(one, kind, cases);
  if (!made) return undefined;
  const { texts, draw } = made;
  return bed.withCase(
    `${one.key}-${kind.replaceAll(' ', '-')}`,
    (store) => importTexts(store, texts, bed.formats, options.signal),
    (store) => silenceOf(store, { id: `${one.id}/${kind}`, kind, request: {}, draw }, options),
  );
}

async function variantOf(
  one: LabelledCase,
  kind: QuietKind,
  cases: readonly LabelledCase[],
): Promise<{ texts: CaseTexts; draw: () => QuietCut | undefined } | undefined> {
  const { windows } = one;
  if (!windows) return undefined;
  const { baseline, incident } = windows;
  const rng = createRng(`quiet/${one.id}/${kind}`);
  const size = { lengthNs: incident.to - incident.from, gapNs: gapBetween(incident, baseline) };
  if (kind === 'another day') {
    const other = otherDay(one, cases);
    if (!other?.windows) return undefined;
    const there = other.windows.baseline;
    const texts = new Map(recording(await one.texts()));
    for (const [name, text] of recording(await other.texts())) texts.set(besideName(name), text);
    return { texts, draw: () => otherDayCut(baseline, there, size.lengthNs, rng) };
  }
  const cut = quietCut(baseline, size, rng);
  if (!cut) return undefined;
  const plain = recording(await one.texts());
  const isTraced = [...plain.keys()].some((name) => name.startsWith('spans.'));
  if (kind === 'doubled traffic' && !isTraced) return undefined;
  const texts =
    kind === 'harmless deploys'
      ? withDeploys(plain, cut.incident, rng)
      : withDoubledTraffic(plain, cut.incident, one.id);
  return { texts, draw: () => cut };
}

/** Without the windows: they are of the incident. */
const recording = (texts: CaseTexts): CaseTexts =>
  new Map([...texts].filter(([name]) => !name.startsWith('case.')));

const DAY = 86_400_000_000_000n;

/** The next case of the set whose fault-free recording is of another day. */
function otherDay(one: LabelledCase, cases: readonly LabelledCase[]): LabelledCase | undefined {
  const at = cases.indexOf(one);
  const mine = one.windows?.baseline.from;
  return [...cases.slice(at + 1), ...cases.slice(0, Math.max(0, at))].find(({ windows }) => {
    const there = windows?.baseline.from;
    return mine !== undefined && there !== undefined && there / DAY !== mine / DAY;
  });
}
