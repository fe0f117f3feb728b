import { NS_PER_MS, NS_PER_S, type TimeWindow } from '../base';
import type { Notice, Signal } from '../model';
import { disjointWindows } from './budget';

/** What the records of a preview are told apart by: a log's severity or a span's status, or who wrote them. */
export const PREVIEW_BY = ['level', 'service'] as const;
export type PreviewBy = (typeof PREVIEW_BY)[number];

export interface PreviewRequest {
  readonly windows: readonly TimeWindow[];
  /** As of a pull. */
  readonly select?: readonly string[];
  readonly by: PreviewBy;
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/** Records of one signal with the same level or service. */
export interface PreviewGroup {
  readonly signal: Signal;
  /** "error", "checkout"; '' where `kind` is another than 'value'. */
  readonly name: string;
  /** 'none': they have no level or service, or it can't be counted by; 'other': all beyond the largest groups. */
  readonly kind: 'value' | 'none' | 'other';
  /** Records by bucket. */
  readonly counts: Float64Array;
}

/** How many records there are over time, counted by the backend: nothing of them is read. */
export interface Preview {
  readonly by: PreviewBy;
  /** Buckets begin at whole multiples of it, ns. */
  readonly step: bigint;
  /** Of buckets, ns, ascending, cut at the ends of the windows; at most 120 a window. */
  readonly starts: BigInt64Array;
  /** Of buckets, not included. */
  readonly ends: BigInt64Array;
  /** At most 12 with a name a signal: levels from the worst on, services from the largest on. */
  readonly groups: readonly PreviewGroup[];
  /** Where the figures come from, in words. */
  readonly how: string;
  /** Time of the newest record, where there is none in the windows and it could be had cheaply. */
  readonly newest?: bigint;
  readonly notices: readonly Notice[];
}

const MOST_BUCKETS = 120n;
const MOST_GROUPS = 12;
const DAY = 86_400n * NS_PER_S;

/** Steps that people read easily. */
const STEPS: readonly bigint[] = [
  ...[1n, 2n, 5n, 10n, 20n, 50n, 100n, 200n, 500n].map((ms) => ms * NS_PER_MS),
  ...[1n, 2n, 5n, 10n, 15n, 30n, 60n, 120n, 300n, 600n, 900n, 1800n].map((s) => s * NS_PER_S),
  ...[1n, 2n, 3n, 6n, 12n].map((hours) => hours * 3600n * NS_PER_S),
  DAY,
];

/** The step by which none of the windows has more than 120 buckets. */
function stepOver(windows: readonly TimeWindow[]): bigint {
  const fits = (step: bigint): boolean =>
    windows.every(({ from, to }) => (to - 1n) / step - from / step < MOST_BUCKETS);
  const known = STEPS.find(fits);
  if (known !== undefined) return known;
  let step = 2n * DAY;
  while (!fits(step)) step += DAY;
  return step;
}

/** The buckets of a preview: whole multiples of the step since the epoch, cut at the ends of each window. */
export class PreviewGrid {
  /** Disjoint, in order. */
  readonly windows: readonly TimeWindow[];
  readonly step: bigint;
  readonly starts: BigInt64Array;
  readonly ends: BigInt64Array;
  /** The first bucket of each window. */
  private readonly firsts: readonly number[];

  constructor(windows: readonly TimeWindow[]) {
    this.windows = disjointWindows(windows);
    const step = (this.step = stepOver(this.windows));
    const starts: bigint[] = [];
    const ends: bigint[] = [];
    this.firsts = this.windows.map(({ from, to }) => {
      const first = starts.length;
      for (let start = from - (from % step); start < to; start += step) {
        starts.push(start < from ? from : start);
        ends.push(start + step < to ? start + step : to);
      }
      return first;
    });
    this.starts = BigInt64Array.from(starts);
    this.ends = BigInt64Array.from(ends);
  }

  /** The bucket of a multiple of the step in the window of that number; what lies beside goes to the nearest. */
  bucket(window: number, multiple: number): number {
    const first = this.firsts[window] ?? 0;
    const end = this.firsts[window + 1] ?? this.starts.length;
    const from = this.windows[window]?.from ?? 0n;
    const at = first + multiple - Number(from / this.step);
    return Math.max(first, Math.min(at, end - 1));
  }
}

/** Levels from the worst on, as groups are named, and what spans have that did not fail. */
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'no error'];

/** The name of OpenTelemetry's severity number as groups have it; '' for 0, which is none. */
export function levelName(severity: number): string {
  if (severity < 1) return '';
  return LEVELS[5 - Math.min(5, Math.floor((severity - 1) / 4))] ?? '';
}

/** What a connector says of a preview beside its counts. */
interface Counted extends Pick<Preview, 'how' | 'newest' | 'notices'> {
  /** What had to be asked again. */
  readonly retried: Notice | undefined;
}

/** Gathers the counts of a preview. */
export class PreviewTally {
  private readonly counts = new Map<string, Map<string, Float64Array>>();

  constructor(
    readonly grid: PreviewGrid,
    private readonly by: PreviewBy,
  ) {}

  /** `name` undefined: beyond the groups that the backend named; '': none. */
  add(signal: Signal, name: string | undefined, bucket: number, count: number): void {
    const key = name === undefined ? OTHER : name;
    const groups = this.counts.get(signal) ?? new Map<string, Float64Array>();
    this.counts.set(signal, groups);
    const counts = groups.get(key) ?? new Float64Array(this.grid.starts.length);
    groups.set(key, counts);
    counts[bucket] = (counts[bucket] ?? 0) + count;
  }

  get total(): number {
    const all = [...this.counts.values()].flatMap((groups) => [...groups.values()]);
    return all.reduce((sum, counts) => sum + totalOf(counts), 0);
  }

  /** The preview of what was counted, with what there is to say beside it. */
  preview(said: Counted): Preview {
    const { step, starts, ends } = this.grid;
    const { groups, notices } = this.take();
    const { how, newest, retried } = said;
    return {
      by: this.by,
      step,
      starts,
      ends,
      groups,
      how,
      ...(newest === undefined ? {} : { newest }),
      notices: [...said.notices, ...notices, ...(retried ? [retried] : [])],
    };
  }

  /** The groups in their order, at most 12 with a name a signal; what is beyond them, as a notice. */
  take(): Pick<Preview, 'groups'> & { readonly notices: readonly Notice[] } {
    const groups: PreviewGroup[] = [];
    const notices: Notice[] = [];
    for (const [signal, of] of this.counts as Map<Signal, Map<string, Float64Array>>) {
      const named = [...of].filter(([name]) => name !== '' && name !== OTHER).sort(this.order);
      const other = of.get(OTHER)?.slice() ?? new Float64Array(this.grid.starts.length);
      for (const [, counts] of named.slice(MOST_GROUPS)) {
        for (const [at, count] of counts.entries()) other[at] = (other[at] ?? 0) + count;
      }
      for (const [name, counts] of named.slice(0, MOST_GROUPS)) {
        groups.push({ signal, name, kind: 'value', counts });
      }
      const none = of.get('');
      if (none && totalOf(none) > 0) groups.push({ signal, name: '', kind: 'none', counts: none });
      const beyond = totalOf(other);
      if (beyond === 0) continue;
      groups.push({ signal, name: '', kind: 'other', counts: other });
      notices.push(cutNotice(signal, this.by, beyond));
    }
    return { groups, notices };
  }

  private readonly order = (
    [a, one]: readonly [string, Float64Array],
    [b, two]: readonly [string, Float64Array],
  ): number => {
    if (this.by === 'level') return LEVELS.indexOf(a) - LEVELS.indexOf(b);
    return totalOf(two) - totalOf(one) || (a < b ? -1 : 1);
  };
}

/** No name of a service. */
const OTHER = '\u0000other';

export function totalOf(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function cutNotice(signal: Signal, by: PreviewBy, count: number): Notice {
  const message = `${count} ${signal} beyond the ${MOST_GROUPS} largest by ${by} are counted together as other.`;
  return { code: 'preview-groups-cut', severity: 'info', count, message };
}
