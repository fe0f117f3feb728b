import { RecentValues } from './recent';
import { Records } from './records';
import { Season } from './season';
import { Shapes } from './shapes';
import { Tail, TAIL_LEAST } from './tail';

export interface StreamOptions {
  /** Surprise at which an alert is raised, of a stream of up to 1,000 rows; one more per tenfold rows. */
  readonly least: number;
  /** Every alert asks that much more of the next, which fades as this power of the rows seen. */
  readonly fatigue: number;
  readonly fade: number;
  /** Rows after an alert in which there is no other. */
  readonly rest: number;
}

export const streamDefaults: StreamOptions = { least: 3, fatigue: 0.6, fade: 0.3, rest: 60 };

/** Rows before the first alert: the figures that it goes by are of fewer than that many. */
const LEARNING = 64;
/** Rows after which a tail forgets half. */
const TAIL_ROWS = 4096;
/** Share of a new row in what lasts: a memory of 20 rows. One row counts at most two decades a view. */
const LASTING = 0.05;
const CUT = 2;
/** A record counts RECORD * log10(1 + NEAR * excess over the range, in ranges): one by a twentieth counts 1.8. */
const RECORD = 6;
const NEAR = 20;

export interface StreamVerdict {
  /** Sum of -log10 tail probabilities, and what the record counts; 0 while too little is known. */
  readonly surprise: number;
  readonly alert: boolean;
}

/**
 * Streaming detector of one metric, value by value, never looking ahead. It sums what is surprising now (the
 * residual of the season found so far, as tail probability in its own history; Hill 1975), what has been for a
 * while (season and nearest shape of the last 12 rows, smoothed, as in Numenta's likelihood; Ahmad et al. 2017)
 * and what is a record (of the value, or of its mean over up to 144 rows). Parameters are rows and probabilities;
 * neither unit nor scrape interval matters. NaN counts as the last value.
 */
export class SeriesStream {
  private readonly recent = new RecentValues();
  private readonly season = new Season();
  private readonly shape = new Shapes(1);
  private readonly records = new Records();
  private readonly seasonTail = new Tail(TAIL_ROWS);
  private readonly shapeTail = new Tail(TAIL_ROWS);
  private readonly lastingTail = new Tail(TAIL_ROWS);
  private lasting = 0;
  private last = 0;
  private rows = 0;
  private extra = 0;
  private resting = 0;

  constructor(private readonly options: StreamOptions = streamDefaults) {}

  push(value: number): StreamVerdict {
    const x = Number.isFinite(value) ? value : this.last;
    this.last = x;
    const surprise = this.surpriseOf(x);
    const { fatigue, fade, rest } = this.options;
    this.extra *= (this.rows / (this.rows + 1)) ** fade;
    if (this.resting > 0) this.resting--;
    const alert =
      this.rows >= LEARNING && this.resting === 0 && surprise >= this.threshold() + this.extra;
    this.rows++;
    if (alert) {
      this.extra += fatigue;
      this.resting = rest;
    }
    return { surprise, alert };
  }

  /** More rows have more chances. */
  private threshold(): number {
    return this.options.least + Math.log10(Math.max(1000, this.rows) / 1000);
  }

  private surpriseOf(x: number): number {
    const { recent } = this;
    const { spread } = recent;
    const season = this.seasonTail.add(this.season.add(x, recent));
    const shape = this.shapeTail.add(this.shape.add(x) / spread);
    const now = Math.min(CUT, season) + Math.min(CUT, shape);
    // From where the tails speak: a memory that starts from nothing would only rise.
    const share = Math.max(LASTING, 1 / Math.max(1, this.rows - TAIL_LEAST + 1));
    this.lasting += share * (now - this.lasting);
    const record = RECORD * Math.log10(1 + NEAR * this.records.add(x));
    recent.add(x);
    return season + this.lastingTail.add(this.lasting) + record;
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
