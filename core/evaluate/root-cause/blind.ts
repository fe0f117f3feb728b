import { parseRfc3339, type Rng, type TimeWindow } from '../../base';
import type { CaseTexts } from './bed';

export interface Blind {
  readonly texts: CaseTexts;
  readonly incident: TimeWindow;
}

/** Least share of the incident that stays in a recording whose end is cut. */
const LEAST = 0.5;
/** At least this share of the incident's length lies before it: there must be something to find it by. */
const BEFORE = 0.5;
/** Longest hole of a recording in one piece, as a share of it. */
const HOLE = 0.25;

/** The case's files without all that is neither its metrics nor its windows. */
export function metricsOnly(texts: CaseTexts): CaseTexts {
  return new Map([...texts].filter(([name]) => /^(case\.json|metrics\.)/.test(name)));
}

/**
 * The same case with telemetry alone: windows and symptom withheld, of a recording in pieces the one around
 * the incident. Its end is cut, to somewhere after the middle of the incident, or padded with a stretch from
 * before the incident, by lot. Undefined where no blind claim can be made: traces or logs (they are excerpts
 * around the incident), no incident, or hardly anything before it.
 */
export function blindCase(texts: CaseTexts, rng: Rng): Blind | undefined {
  if ([...texts.keys()].some((name) => /^(spans|logs)\./.test(name))) return undefined;
  const incident = incidentOf(texts.get('case.json'));
  const metrics = [...texts].find(([name]) => name.startsWith('metrics.'));
  if (!incident || !metrics) return undefined;
  const [name, text] = metrics;
  const times = pieceAround(timesOf(text), incident.from);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const length = incident.to - incident.from;
  const before = incident.from - first;
  if (before < BEFORE * length || times.filter((t) => t < incident.from).length < FEWEST)
    return undefined;
  const whole = between(text, first, last);
  // A counter would fall where it goes on with what was before.
  const padded = rng.next() < 0.5 && !/^# TYPE \S+ (?!gauge)/m.test(text);
  const least = incident.from + LEAST * length;
  const ends = padded
    ? withTail(whole, times, incident.from, rng.next() * before)
    : between(whole, first, least + rng.next() * Math.max(0, last - least));
  const out = new Map(texts);
  out.set(name, ends);
  out.set('case.json', withheld(texts.get('case.json') ?? '{}'));
  const ns = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));
  return { texts: out, incident: { from: ns(incident.from), to: ns(incident.to) } };
}

/** Times of samples that must lie before the incident. */
const FEWEST = 8;

/** The times of the recording's piece that holds `at`; pieces are parted by long holes. */
function pieceAround(times: readonly number[], at: number): readonly number[] {
  const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const hole = times.findIndex((t, i) => i > 0 && t - (times[i - 1] ?? t) > HOLE * whole);
  if (hole < 0) return times;
  const parts = [times.slice(0, hole), times.slice(hole)] as const;
  return pieceAround((parts[1][0] ?? 0) <= at ? parts[1] : parts[0], at);
}

/** The text and, after its end, its last `seconds` before `until` once more. */
function withTail(text: string, times: readonly number[], until: number, seconds: number): string {
  const [last = 0, before = 0] = [times.at(-1), times.at(-2)];
  const first = times.find((t) => t >= until - seconds) ?? until;
  const later = last + Math.max(1, last - before) - first;
  const lines: string[] = [];
  let [name, more]: [string, string[]] = ['', []];
  for (const line of text.split('\n')) {
    const at = timeOf(line);
    const own = at === undefined ? '' : line.slice(0, line.lastIndexOf('}') + 1);
    if (own !== name || at === undefined) {
      lines.push(...more);
      [name, more] = [own, []];
    }
    lines.push(line);
    if (at !== undefined && at >= first && at < until)
      more.push(line.replace(TIME, (found) => found.replace(/[\d.]+/, String(at + later))));
  }
  return lines.join('\n');
}

/** Seconds since the epoch. */
function incidentOf(json: string | undefined): { from: number; to: number } | undefined {
  if (json === undefined) return undefined;
  const { incident } = JSON.parse(json) as { incident?: { from: string; to: string } | null };
  const from = incident && parseRfc3339(incident.from);
  const to = incident && parseRfc3339(incident.to);
  return typeof from === 'bigint' && typeof to === 'bigint'
    ? { from: Number(from) / 1e9, to: Number(to) / 1e9 }
    : undefined;
}

const TIME = / (\d+(?:\.\d+)?)(?: #.*)?$/;

function timeOf(line: string): number | undefined {
  const at = line.startsWith('#') ? undefined : TIME.exec(line)?.[1];
  return at === undefined ? undefined : Number(at);
}

function timesOf(text: string): readonly number[] {
  const times = new Set<number>();
  for (const line of text.split('\n')) {
    const at = timeOf(line);
    if (at !== undefined) times.add(at);
  }
  return [...times].sort((a, b) => a - b);
}

function between(text: string, first: number, last: number): string {
  return text
    .split('\n')
    .filter((line) => {
      const at = timeOf(line);
      return at === undefined || (at >= first && at <= last);
    })
    .join('\n');
}

function withheld(json: string): string {
  const value = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify({ ...value, window: null, incident: null, baseline: null, symptom: null });
}
