import { KEPT, type RecentValues } from './recent';

/** Rows between two searches for the season, and before the first. */
const EVERY = 192;
const SEASONS = 4;
/** Values that a search looks at: longer histories are thinned. */
const LOOKED_AT = 1500;
const LEAST_CORRELATION = 0.35;

/** Season length in rows, by autocorrelation of what was seen; residuals of what it leads to expect. */
export class Season {
  private period = 0;
  /** 0 while nothing is known: what the first rows are in, no unit has. */
  private spread = 0;

  /** Takes a value in, before `recent` does; returns its residual in spreads of earlier residuals. */
  add(x: number, recent: RecentValues): number {
    if (recent.count === 0) return 0;
    const off = Math.abs(x - this.expected(recent));
    const known = this.spread > 0;
    const residual = known ? off / this.spread : 0;
    const counted = known ? Math.min(off, 4 * this.spread) : off;
    this.away += Math.min(0.05, 2 / (recent.count + 2)) * (counted - this.away);
    this.spread = Math.max(this.away, 0.02 * recent.spread);
    if (recent.count > 128 && recent.count % EVERY === 0) this.period = seasonOf(recent);
    return residual;
  }

  private away = 0;

  /** Median of the values around this place in the last seasons; of the last three where there is none. */
  private expected(recent: RecentValues): number {
    const values: number[] = [];
    const held = Math.min(recent.count, KEPT) - 2;
    if (this.period === 0)
      for (let i = 1; i <= Math.min(3, recent.count); i++) values.push(recent.at(i));
    else
      for (let k = 1; k <= SEASONS && k * this.period < held; k++)
        for (let d = -1; d <= 1; d++) values.push(recent.at(k * this.period + d));
    values.sort((a, b) => a - b);
    return values[values.length >> 1] ?? 0;
  }
}

/** Lag in rows of the highest autocorrelation behind its first dip; 0 where none is high. */
function seasonOf(recent: RecentValues): number {
  const n = Math.min(recent.count, KEPT - 1);
  const stride = Math.max(1, Math.ceil(n / LOOKED_AT));
  const values = centred(recent, Math.floor(n / stride), stride);
  const most = Math.floor(n / 2.5 / stride);
  let best = LEAST_CORRELATION;
  let period = 0;
  let dipped = false;
  for (let lag = Math.max(4, Math.ceil(8 / stride)); lag < most; lag++) {
    const r = autocorrelation(values, lag);
    if (r < 0.2) dipped = true;
    if (!dipped || r <= best) continue;
    // A later lag has to be clearly better: multiples of the season are seasons, too.
    best = r + 0.05;
    period = lag * stride;
  }
  return period;
}

/** The last values, newest first, in spreads cut at three, with mean 0. */
function centred(recent: RecentValues, n: number, stride: number): Float64Array {
  const values = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const raw = (recent.at((i + 1) * stride) - recent.median) / recent.spread;
    const cut = Math.max(-3, Math.min(3, raw));
    values[i] = cut;
    sum += cut;
  }
  return values.map((v) => v - sum / n);
}

function autocorrelation(values: Float64Array, lag: number): number {
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = lag; i < values.length; i += 2) {
    const a = values[i] ?? 0;
    const b = values[i - lag] ?? 0;
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}
