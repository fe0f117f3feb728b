import type { Rng } from '../../base';
import type { AlertPoint, FiredAlert } from '../../analysis';
import { adjustedRandIndex } from '../grouping-score';

export interface LabelledAlert extends AlertPoint, FiredAlert {
  readonly system: string;
  readonly fault: string;
}

export interface Edge {
  readonly source: string;
  readonly target: string;
  readonly kind: string;
}

export interface Fault {
  readonly fault_id: string;
  readonly root_cause: { readonly entity: string; readonly kind: string };
  readonly level: string;
  readonly augmented?: boolean;
  readonly source_fault_id?: string;
}

export interface Stream {
  readonly name: string;
  readonly alerts: readonly LabelledAlert[];
  readonly edges: readonly Edge[];
  readonly kinds: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
}

/** Gaps that are tried, from 1 s to an hour, each 15 % longer. */
const GAPS = Array.from({ length: 60 }, (_, i) => 1000 * 1.15 ** i);

/** The best that a fixed gap over the whole stream can do, known only with the truth: the null to beat. */
export function fixedGap(
  alerts: readonly { readonly fromMs: number }[],
  truth: readonly string[],
): number {
  const scores = GAPS.map((gap) => {
    let group = 0;
    let last = Number.NEGATIVE_INFINITY;
    const found = alerts.map(({ fromMs }) => {
      if (fromMs - last > gap) group++;
      last = fromMs;
      return group;
    });
    return adjustedRandIndex(found, truth);
  });
  return Math.max(...scores);
}

/**
 * Streams laid over each other in time: each later one begins at a random place inside the first. Entities
 * and fingerprints of different systems stay different; which system an alert is of is told to nobody.
 */
export function laidOver(
  streams: readonly { readonly name: string; readonly alerts: readonly LabelledAlert[] }[],
  rng: Rng,
): readonly LabelledAlert[] {
  const [base] = streams;
  const start = base?.alerts[0]?.fromMs ?? 0;
  const span = (base?.alerts.at(-1)?.fromMs ?? start) - start;
  return streams
    .flatMap(({ name, alerts }, i) => {
      const own = alerts[0]?.fromMs ?? 0;
      const shift = i === 0 ? 0 : start + rng.next() * span - own;
      return alerts.map((alert) => ({
        ...alert,
        entity: `${name}/${alert.entity}`,
        fingerprint: `${name}/${alert.fingerprint}`,
        fromMs: alert.fromMs + shift,
        toMs: alert.toMs + shift,
      }));
    })
    .sort((a, b) => a.fromMs - b.fromMs);
}
