import type { TaskOptions } from '../task';
import { outcomeOf, type Question } from './analyse';
import { importTexts, type CaseBed, type CaseTexts } from './bed';
import type { LabelledCase } from './cases';
import type { Ablation } from './outcome';

/** Signals by the start of the file that brings them. */
const SIGNALS = ['spans', 'logs', 'metrics', 'changes', 'alerts', 'topology'] as const;

/** The case once more without each of the signals that it has. */
export async function withoutSignals(
  one: LabelledCase,
  question: Question,
  bed: CaseBed,
  options: TaskOptions,
): Promise<readonly Ablation[]> {
  const whole = await one.texts();
  const found: Ablation[] = [];
  for (const signal of SIGNALS) {
    const isOf = (name: string): boolean => name.startsWith(`${signal}.`);
    const rest: CaseTexts = new Map([...whole].filter(([name]) => !isOf(name)));
    if (rest.size === whole.size || !hasTelemetry(rest)) continue;
    const { placing, abstained } = await bed.withCase(
      `${one.key}-without-${signal}`,
      (store) => importTexts(store, rest, bed.formats, options.signal),
      (store) => outcomeOf(store, { ...question, silences: 0, ablate: [] }, options),
    );
    found.push({ without: `signal: ${signal}`, placing, abstained });
  }
  return found;
}

const hasTelemetry = (texts: CaseTexts): boolean =>
  [...texts.keys()].some((name) => /^(spans|logs|metrics|alerts)\./.test(name));
