import type { Rng } from '../../base';
import { shuffled } from '../shuffle';
import type { Renaming } from './rename';

/** Labels whose values name something of the system. */
const NAMING =
  /^(service|pod|node|host|instance|nodename|container|source|destination|app|job|caller|callee|peer|database|cache|queue|topic|target)$/;

const LABEL = /([A-Za-z_][A-Za-z0-9_.]*)="((?:[^"\\]|\\.)*)"/g;

/** name{labels} value [timestamp] [# exemplar] */
const SAMPLE = /^([^\s{]+)(\{.*?\})? (\S+)(?: (-?[\d.]+))?((?: #.*)?)$/;

export function* metricNames(text: string): Generator<string> {
  const seen = new Set<string>();
  for (const { line } of seriesLines(text)) {
    const labels = line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1);
    if (seen.has(labels)) continue;
    seen.add(labels);
    for (const [, key, value] of labels.matchAll(LABEL)) {
      if (key !== undefined && value !== undefined && NAMING.test(key)) yield value;
    }
  }
}

function* seriesLines(text: string): Generator<{ readonly line: string }> {
  for (const line of text.split('\n')) if (line !== '' && !line.startsWith('#')) yield { line };
}

interface Family {
  readonly head: string[];
  /** Samples by their labels without those of a bucket or a quantile, in order of time. */
  readonly series: Map<string, string[]>;
}

/** Families and the series in them in random order; samples keep theirs, as the format asks. */
export function scrambleMetrics(
  text: string,
  { rename, shiftS, rng }: { rename: Renaming; shiftS: number; rng: Rng },
): string {
  const families: Family[] = [];
  let family: Family | undefined;
  let inHead = false;
  const labelled = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue;
    if (line.startsWith('#')) {
      if (!family || !inHead) families.push((family = { head: [], series: new Map() }));
      inHead = true;
      family.head.push(line);
      continue;
    }
    inHead = false;
    if (!family) families.push((family = { head: [], series: new Map() }));
    const parts = SAMPLE.exec(line);
    if (!parts) continue;
    const [, name = '', labels = '', value = '', at, exemplar = ''] = parts;
    let fresh = labelled.get(labels);
    if (fresh === undefined) {
      fresh = labels.replace(LABEL, (whole, key: string, old: string) =>
        NAMING.test(key) ? `${key}="${rename.text(old)}"` : whole,
      );
      labelled.set(labels, fresh);
    }
    const key = fresh.replace(/(le|quantile)="[^"]*",?/, '');
    const samples = family.series.get(key) ?? [];
    samples.push(
      `${name}${fresh} ${value}${at === undefined ? '' : ` ${later(at, shiftS)}`}${exemplar}`,
    );
    family.series.set(key, samples);
  }
  const parts = shuffled(families, rng).map(({ head, series }) =>
    [...head, ...shuffled([...series.values()], rng).flat()].join('\n'),
  );
  return `${parts.join('\n')}\n# EOF\n`;
}

/** Whole seconds are added to the digits before the point: the rest stays exact. */
function later(at: string, shiftS: number): string {
  const [whole = '0', rest] = at.split('.');
  return `${BigInt(whole) + BigInt(shiftS)}${rest === undefined ? '' : `.${rest}`}`;
}
