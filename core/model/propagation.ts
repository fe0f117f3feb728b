import { parseEntityId } from './entities';

/** A station on the way from a cause to where it was noticed. */
export interface PropagationStep {
  readonly entityId: string;
  /** By what it depends on the station before: calls | hosted_on | …; '' for the cause itself. */
  readonly kind: string;
  /** When it became abnormal, ns; undefined where nothing is dated. */
  readonly onset: bigint | undefined;
  /** After the last dated station before it, ms; negative where it was abnormal earlier. */
  readonly delayMs: number | undefined;
}

/** One way that the trouble took: first the cause, last whom people noticed it at. */
export interface Propagation {
  readonly steps: readonly PropagationStep[];
}

/** In one line: "orders-db → order (+5 s) → gateway (+20 s)". */
export function propagationText({ steps }: Propagation): string {
  const text = ({ entityId, delayMs }: PropagationStep): string => {
    const { name } = parseEntityId(entityId);
    return delayMs === undefined ? name : `${name} (${delayText(delayMs)})`;
  };
  return steps.map(text).join(' → ');
}

/** Signed: "+5 s", "−2 min"; "0 s" where two began within the same bucket. */
export function delayText(delayMs: number): string {
  const text = secondsText(delayMs);
  if (text === '0 s') return text;
  return `${delayMs > 0 ? '+' : '\u2212'}${text}`;
}

/** How long, whichever way: "5 s", "2 min". */
export function secondsText(durationMs: number): string {
  const s = Math.abs(durationMs) / 1000;
  return s < 90 ? `${Math.round(s)} s` : `${Math.round(s / 60)} min`;
}
