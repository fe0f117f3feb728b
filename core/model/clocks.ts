import type { Notice } from './notice';

/** What a clock is compared by: the same moment as two sources tell it. */
export type ClockAnchorKind = 'call' | 'span-log' | 'log-line' | 'log-text' | 'alert';

export const CLOCK_ANCHOR_KINDS: readonly ClockAnchorKind[] = [
  'call',
  'span-log',
  'log-line',
  'log-text',
  'alert',
];

/** How one of a kind is called, and many. */
export const CLOCK_ANCHOR_WORDS: Readonly<Record<ClockAnchorKind, readonly [string, string]>> = {
  call: ['call', 'calls'],
  'span-log': ['log line of a span', 'log lines of spans'],
  'log-line': ['log line in both', 'log lines in both'],
  'log-text': ['rare text in both', 'rare texts in both'],
  alert: ['alert in both', 'alerts in both'],
};

/** What two sources say of the offset between their clocks, by all anchors of both. */
export interface ClockPair {
  readonly a: number;
  readonly b: number;
  /** ns that the clock of `b` is ahead of that of `a`, and where it lies. */
  readonly offset: number;
  readonly lower: number;
  readonly upper: number;
  /** Anchors that were used, and those of them that agree with the offset. */
  readonly anchors: number;
  readonly agreeing: number;
  readonly kinds: readonly { readonly kind: ClockAnchorKind; readonly anchors: number }[];
  /** Parts in a million by which `b` goes faster; 0 where the offset does not change. */
  readonly driftPpm: number;
  /** How far the offset is from that of the two clocks after all pairs were weighed together, ns. */
  readonly residual: number;
  /** Kinds of anchors, or other pairs, say something else. */
  readonly contradicted: boolean;
}

export type ClockConfidence = 'high' | 'low' | 'none';

/** What is known of the clock of a source. */
export interface ClockEstimate {
  readonly sourceId: number;
  /**
   * 'reference': the others are compared with it. 'in-step': no difference that could be told from none.
   * 'offset': it goes wrong. 'unknown': too few anchors.
   */
  readonly state: 'reference' | 'offset' | 'in-step' | 'unknown';
  /** The source that it is compared with; itself for a reference. */
  readonly reference: number;
  /** ns that its clock is ahead of the reference, and where that lies. 0 where it is unknown. */
  readonly offset: number;
  readonly lower: number;
  readonly upper: number;
  readonly anchors: number;
  readonly kinds: ClockPair['kinds'];
  readonly confidence: ClockConfidence;
  readonly driftPpm: number;
  /** Hours, in halves, where the offset is that of a time zone; else 0. */
  readonly zoneHours: number;
  /** In a sentence: what it rests on, or what is missing. */
  readonly why: string;
}

export interface ClockOffsets {
  readonly sources: readonly ClockEstimate[];
  readonly pairs: readonly ClockPair[];
  /** Fewest anchors between two sources that say anything. */
  readonly fewest: number;
}

/** The clock of a source as a person has set it: a view, its rows stay what they are. */
export interface ClockSetting {
  readonly sourceId: number;
  /** ns that are added to the times of the source where it is applied, and where the right figure lies. */
  readonly shift: bigint;
  readonly lower: bigint;
  readonly upper: bigint;
  /** What it rests on; 0 where a person gave it. */
  readonly anchors: number;
  readonly confidence: ClockConfidence;
  /** Where the figure comes from, in words. */
  readonly how: string;
  readonly applied: boolean;
  /** When it was set, ns. */
  readonly setAt: bigint;
}

export interface CaseClocks {
  readonly settings: readonly ClockSetting[];
  /** Times are shown as they came, whatever is applied. */
  readonly raw: boolean;
}

/** Shifts that are in force: what is applied, while the case is not shown raw. */
export function shiftsInForce({ settings, raw }: CaseClocks): readonly ClockSetting[] {
  return raw ? [] : settings.filter(({ applied, shift }) => applied && shift !== 0n);
}

/** What takes an estimated offset back: the source's times are shown earlier by as much as its clock is ahead. */
export function settingOf(
  estimate: ClockEstimate,
  nameOf: (sourceId: number) => string,
  now: bigint,
): ClockSetting {
  const { sourceId, reference, offset, lower, upper, anchors, confidence, why } = estimate;
  const ns = (value: number): bigint => BigInt(Math.round(value));
  return {
    sourceId,
    anchors,
    confidence,
    applied: true,
    setAt: now,
    shift: -ns(offset),
    lower: -ns(upper),
    upper: -ns(lower),
    how: `estimated against ${nameOf(reference)}: ${why}`,
  };
}

const UNITS = [
  [3_600_000_000_000, 'h'],
  [60_000_000_000, 'min'],
  [1_000_000_000, 's'],
  [1_000_000, 'ms'],
  [1000, 'µs'],
  [1, 'ns'],
] as const;

/** A length of time with three figures: "2.31 s", "40 µs"; above ten minutes also the smaller unit: "2 h 0.3 s". */
export function lengthText(ns: number): string {
  const size = Math.abs(ns);
  if (size >= 600e9) return longText(size);
  const [unit, word] = UNITS.find(([unit]) => size >= unit && unit < 60e9) ?? [1, 'ns'];
  return `${Number((size / unit).toPrecision(3))} ${word}`;
}

function longText(size: number): string {
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = Number(((size % 60e9) / 1e9).toFixed(1));
  const parts = [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes > 0 ? [`${minutes} min`] : []),
    ...(seconds > 0 ? [`${seconds} s`] : []),
  ];
  return parts.join(' ');
}

/** Signed: "+2.31 s", "−40 ms"; "0 s" for none. */
export function shiftText(ns: number | bigint): string {
  const value = Number(ns);
  if (value === 0) return '0 s';
  return `${value > 0 ? '+' : '\u2212'}${lengthText(value)}`;
}

/** How a clock goes: "2.31 s ahead", "40 ms behind", "in step". */
export function clockText({ state, offset, zoneHours }: ClockEstimate): string {
  if (state === 'reference') return 'the others are compared with it';
  if (state === 'unknown') return 'not enough evidence';
  if (state === 'in-step') return 'in step';
  const way = offset > 0 ? 'ahead' : 'behind';
  if (zoneHours === 0) return `${lengthText(offset)} ${way}`;
  const rest = offset - zoneHours * 3600e9;
  const also =
    Math.abs(rest) < 1e6 ? '' : ` and ${lengthText(rest)} ${rest > 0 ? 'ahead' : 'behind'}`;
  return `${Math.abs(zoneHours)} h ${way}${also}, as with times of another zone`;
}

/** What is in force, for a person who reads times: "The clock of X is shifted by +2.31 s (37 anchors)." */
export function clockNotices(
  clocks: CaseClocks,
  nameOf: (sourceId: number) => string,
): readonly Notice[] {
  return shiftsInForce(clocks).map(
    ({ sourceId, shift, lower, upper, anchors, confidence, how }) => ({
      code: 'clock-shifted',
      severity: confidence === 'high' ? 'info' : 'warning',
      count: 1,
      message: `The clock of ${nameOf(sourceId)} is shifted by ${shiftText(shift)} (${anchors === 0 ? 'as given' : anchorsText(anchors)}): its times are shown and analysed so, its rows are kept as they came.`,
      detail: {
        source: sourceId,
        shift_ns: String(shift),
        least_ns: String(lower),
        most_ns: String(upper),
        how,
      },
    }),
  );
}

/** "37 anchors". */
export function anchorsText(count: number): string {
  return `${count} ${count === 1 ? 'anchor' : 'anchors'}`;
}
