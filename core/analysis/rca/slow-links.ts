import type { LinkTail } from '../shifts';
import { defineMethod, result } from './method';
import { shareOfSilent } from './waiting';
import { ramp } from '../stats';

interface Tally {
  readonly n: number;
  readonly slow: number;
}

/**
 * What calls to and from are often unusually long for, where calls elsewhere are not: a host, or a store that
 * records no spans. Packets that get lost and locks that are held leave most calls as they were and make a
 * few far longer, which a mean hides. The worst service is left out, so that one bad service does not make
 * a bad host or store.
 */
export const slowLinks = defineMethod({
  id: 'rca.slow-links',
  version: 2,
  title: 'Calls that are long on the way',
  cite: 'scan statistic for a Bernoulli model: Kulldorff (Communications in Statistics 1997)',
  weight: 1.6,
  uses: {},
  score: (facts) => {
    const places = placesOf(facts.links);
    const raw = new Map<string, number>();
    let strength = 0;
    const stores = shareOfSilent(facts);
    for (const [id, touches] of places) {
      // Twice the ratio is as a chi-square with one degree of freedom, against the number of places.
      const ratio = scanned(facts.links, touches) - Math.log(places.size);
      const alike = Math.min(feltAlike(facts.links.filter(touches), id), stores.get(id) ?? 1);
      const sure = ramp(ratio, 3, 10) * alike;
      if (sure > 0) raw.set(id, sure * Math.log1p(ratio));
      strength = Math.max(strength, sure);
    }
    return result(raw, strength);
  },
});

type Touches = (link: LinkTail) => boolean;

/** Hosts (where there are several) and silent callees, with the calls that touch them. */
function placesOf(links: readonly LinkTail[]): ReadonlyMap<string, Touches> {
  const hosts = new Set(links.flatMap(({ hosts: ends }) => ends).filter((host) => host !== ''));
  const silent = new Set(links.filter(({ spoke }) => !spoke).map(({ target }) => target));
  const places = new Map<string, Touches>();
  for (const id of silent) {
    if (id.includes(':')) places.set(id, ({ target }) => target === id);
  }
  if (hosts.size > 1)
    for (const id of hosts) places.set(id, ({ hosts: ends }) => ends.includes(id));
  return places;
}

/** Log likelihood ratio of "more often long here than elsewhere", whichever service is left out. */
function scanned(links: readonly LinkTail[], touches: Touches): number {
  const services = new Set(
    links
      .filter(touches)
      .flatMap(({ source, target, spoke }) => (spoke ? [source, target] : [source])),
  );
  if (services.size < LEAST) return 0;
  const ratios = [...services].map((left) => {
    const kept = links.filter(({ source, target }) => source !== left && target !== left);
    return ratioOf(tally(kept.filter(touches)), tally(kept.filter((link) => !touches(link))));
  });
  return Math.min(...ratios);
}

/** Services that must touch a place: with the worst one left out, one would speak for itself alone. */
const LEAST = 3;

/**
 * A store of which one caller's calls are long far more often than the others' is not slow by itself: the
 * others wait behind that one. 0–1; a host's calls are of many kinds, and need not be alike.
 */
function feltAlike(links: readonly LinkTail[], place: string): number {
  const here = links.filter(({ target }) => target === place);
  if (here.length === 0) return 1;
  const all = tally(here);
  let worst = { ratio: 0, alike: 1 };
  for (const caller of new Set(here.map(({ source }) => source))) {
    const own = tally(here.filter(({ source }) => source === caller));
    const rest = { n: all.n - own.n, slow: all.slow - own.slow };
    const ratio = ratioOf(own, rest);
    if (ratio > worst.ratio) worst = { ratio, alike: rate(rest) / rate(own) };
  }
  return worst.ratio < CHANCE ? 1 : ramp(worst.alike, 0.5, 0.9);
}

/** Half of the 95th percentile of a chi-square with one degree of freedom. */
const CHANCE = 1.92;

const rate = ({ n, slow }: Tally): number => (n === 0 ? 0 : slow / n);

const tally = (links: readonly LinkTail[]): Tally =>
  links.reduce((sum, { n, slow }) => ({ n: sum.n + n, slow: sum.slow + slow }), { n: 0, slow: 0 });

function ratioOf(inside: Tally, outside: Tally): number {
  if (inside.n === 0 || rate(inside) <= rate(outside)) return 0;
  const all = { n: inside.n + outside.n, slow: inside.slow + outside.slow };
  return likelihood(inside) + likelihood(outside) - likelihood(all);
}

/** Log likelihood of a tally at its own rate. */
function likelihood({ n, slow }: Tally): number {
  const term = (k: number): number => (k === 0 ? 0 : k * Math.log(k / n));
  return term(slow) + term(n - slow);
}
