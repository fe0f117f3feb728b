import type { Difference } from '../../model';
import { clock, digits, ms, nameOf, percent } from '../rca/words';

type Told = Omit<Difference, 'rank' | 'sentence'>;

/** A difference in one sentence, with units. */
export function sentenceOf(d: Told): string {
  const who = d.entityId === '' ? '' : `${nameOf(d.entityId)}: `;
  if (d.novelty === 'always') return `${who}${what(d)}, just so in the reference (${from(d)})`;
  switch (d.measure) {
    case 'time':
      return `${who}${d.name} took ${from(d)} itself, now ${to(d)}`;
    case 'errors':
      return `${who}${d.name} failed by itself in ${from(d)}, now in ${to(d)}`;
    case 'share':
      if (d.novelty === 'new') return `${who}${d.name} is new: ${to(d)} of its spans`;
      if (d.novelty === 'gone') return `${who}${d.name} is gone: it was ${from(d)} of its spans`;
      return `${who}${d.name} went from ${from(d)} to ${to(d)} of its spans`;
    case 'level':
      return `${who}${d.name} ${(d.selected ?? 0) > (d.reference ?? 0) ? 'rose' : 'fell'} from ${from(d)} to ${to(d)}`;
    case 'rate':
      return rate(d, who);
    case 'event':
      return `${who}${d.name}${d.at === undefined ? '' : ` at ${clock(Number(d.at / 1_000_000n))}`}`;
  }
}

function rate(d: Told, who: string): string {
  const what = d.signal === 'alert' ? `alert ${d.name}` : text(d.name);
  const { reference, selected } = d.support;
  if (d.novelty === 'new') return `${who}${what}: new, ${digits(selected)} times`;
  if (d.novelty === 'gone') return `${who}${what}: gone, ${digits(reference)} times before`;
  return `${who}${what}: ${perMinute(d.reference)} a minute, now ${perMinute(d.selected)}`;
}

function what(d: Told): string {
  return d.measure === 'errors' ? `${d.name} fails by itself in ${to(d)}` : text(d.name);
}

const text = (template: string): string => template.replaceAll('<*>', '…').slice(0, 110);
const perMinute = (perSecond: number | null): string =>
  perSecond === null ? 'unknown' : digits(60 * perSecond);

function figure(d: Told, value: number | null): string {
  if (value === null) return 'unknown';
  if (d.unit === 'ratio' && d.measure !== 'level') return percent(value);
  if (d.unit === 'ms' && d.measure === 'time') return ms(Math.max(0, value));
  if (d.measure === 'rate') return `${perMinute(value)} a minute`;
  return d.unit === '' ? digits(value) : `${digits(value)} ${d.unit}`;
}

const from = (d: Told): string => figure(d, d.reference);
const to = (d: Told): string => figure(d, d.selected);
