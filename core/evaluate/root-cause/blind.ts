import { parseRfc3339, type Rng } from '../../base';
import type { CaseTexts } from './bed';

export interface Blind {
  readonly texts: CaseTexts;
  readonly incidentNs: bigint;
}

/** Least share of the incident that stays in a recording whose end is cut. */
const LEAST = 0.5;
/** A recording must be this many times as long as its incident, to have anything to find. */
const LONGER = 3;
/** Longest hole of a recording in one piece, as a share of it. */
const HOLE = 0.25;

/**
 * The same case with telemetry alone: windows and symptom withheld, the end somewhere between the middle of
 * the incident and the end of the recording. Undefined where no blind claim can be made: traces or logs
 * (they are excerpts around the incident), no incident, or a recording in pieces or hardly longer.
 */
export function blindCase(texts: CaseTexts, rng: Rng): Blind | undefined {
  if ([...texts.keys()].some((name) => /^(spans|logs)\./.test(name))) return undefined;
  const incident = incidentOf(texts.get('case.json'));
  const metrics = [...texts].find(([name]) => name.startsWith('metrics.'));
  if (!incident || !metrics) return undefined;
  const [name, text] = metrics;
  const times = timesOf(text);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const length = incident.to - incident.from;
  const whole = last - first;
  const holes = times.slice(1).map((t, i) => t - (times[i] ?? t));
  const inOnePiece = holes.every((hole) => hole <= HOLE * whole);
  const before = incident.from - first;
  if (!inOnePiece || whole < LONGER * length || before < length) return undefined;
  const from = incident.from + LEAST * length;
  const end = from + rng.next() * Math.max(0, last - from);
  const out = new Map(texts);
  out.set(name, cut(text, end));
  out.set('case.json', withheld(texts.get('case.json') ?? '{}'));
  return { texts: out, incidentNs: BigInt(Math.round(length * 1e9)) };
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

function timesOf(text: string): readonly number[] {
  const times = new Set<number>();
  for (const line of text.split('\n')) {
    const at = line.startsWith('#') ? undefined : TIME.exec(line)?.[1];
    if (at !== undefined) times.add(Number(at));
  }
  return [...times].sort((a, b) => a - b);
}

function cut(text: string, end: number): string {
  return text
    .split('\n')
    .filter((line) => {
      const at = line.startsWith('#') ? undefined : TIME.exec(line)?.[1];
      return at === undefined || Number(at) <= end;
    })
    .join('\n');
}

function withheld(json: string): string {
  const value = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify({ ...value, window: null, incident: null, baseline: null, symptom: null });
}
