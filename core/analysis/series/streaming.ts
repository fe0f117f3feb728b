import { RecentValues } from './recent';
import { Season } from './season';
import { Shapes } from './shapes';
import { Tail } from './tail';

export interface StreamOptions {
  /** Surprise at which an alert is raised: the sum over the views of -log10 of their tail probabilities. */
  readonly least: number;
  /** Every alert asks that much more of the next; it fades by 1/e in so many rows. */
  readonly fatigue: number;
  readonly forget: number;
  /** Rows after an alert in which there is no other. */
  readonly rest: number;
}

export const streamDefaults: StreamOptions = { least: 1.2, fatigue: 0.8, forget: 3000, rest: 80 };

/** Rows that one place of a shape's summary stands for, and what its surprise counts. */
const SHAPES = [
  { per: 1, weight: 1 },
  { per: 6, weight: 0.8 },
  { per: 12, weight: 0.8 },
] as const;
/** Rows after which a tail forgets half. */
const TAIL_ROWS = 4096;

export interface StreamVerdict {
  /** Sum of -log10 tail probabilities, weighed; 0 while too little is known. */
  readonly surprise: number;
  readonly alert: boolean;
}

/**
 * Streaming detector of one metric, value by value, never looking ahead: the residual of the season found so
 * far and the distance of the last 12, 72 and 144 rows from the nearest shape before them, each as the tail
 * probability in its own history (Hill 1975), summed as Fisher's method does. Parameters are rows and
 * probabilities; neither unit nor scrape interval matters. NaN counts as the last value.
 */
export class SeriesStream {
  private readonly recent = new RecentValues();
  private readonly season = new Season();
  private readonly seasonTail = new Tail(TAIL_ROWS);
  private readonly shapes = SHAPES.map(({ per, weight }) => ({
    weight,
    shape: new Shapes(per),
    tail: new Tail(TAIL_ROWS),
  }));
  private last = 0;
  private extra = 0;
  private resting = 0;

  constructor(private readonly options: StreamOptions = streamDefaults) {}

  push(value: number): StreamVerdict {
    const x = Number.isFinite(value) ? value : this.last;
    this.last = x;
    const surprise = this.surpriseOf(x);
    const { least, fatigue, forget, rest } = this.options;
    this.extra *= Math.exp(-1 / forget);
    if (this.resting > 0) this.resting--;
    const alert = this.resting === 0 && surprise >= least + this.extra;
    if (alert) {
      this.extra += fatigue;
      this.resting = rest;
    }
    return { surprise, alert };
  }

  private surpriseOf(x: number): number {
    const { recent, season } = this;
    const { spread } = recent;
    const away = season.add(x, recent);
    let sum = this.seasonTail.add(away);
    for (const { shape, tail, weight } of this.shapes)
      sum += weight * tail.add(shape.add(x) / spread);
    recent.add(x);
    return sum;
  }
}

/** Rows at which the streaming detector raises an alert, in order. */
export function streamAlerts(series: ArrayLike<number>, options?: StreamOptions): number[] {
  const stream = new SeriesStream(options);
  const rows: number[] = [];
  for (let i = 0; i < series.length; i++)
    if (stream.push(series[i] ?? Number.NaN).alert) rows.push(i);
  return rows;
}
