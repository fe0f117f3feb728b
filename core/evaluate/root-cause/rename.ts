import { createRng } from '../../base';

export interface Renaming {
  /** A name that stands by itself (attribute, label, node id). */
  readonly name: (text: string) => string;
  /** Free text: every token that is a name is replaced. */
  readonly text: (text: string) => string;
}

/** What a name can consist of inside free text; a host's dots and a pod's dashes belong to it. */
const TOKEN = /[A-Za-z0-9_][A-Za-z0-9_.-]*/g;

/**
 * New names, one for each old one, that keep only the pattern: letters stay letters, digits digits, and
 * what joins them stays. A word that several names share keeps being shared (a pod is still named after
 * its service), so conventions survive and words do not.
 */
export function createRenaming(names: Iterable<string>, seed: number): Renaming {
  const words = new Map<string, string>();
  const taken = new Set<string>();
  const rename = (word: string): string => {
    const known = words.get(word);
    if (known !== undefined) return known;
    const rng = createRng(`scramble/${seed}/${word}`);
    let made = word;
    for (let tries = 0; tries < 50 && (made === word || taken.has(made)); tries++) {
      made = word.replace(/[A-Za-z0-9]/g, (ch) => another(ch, rng.int(26)));
    }
    taken.add(made);
    words.set(word, made);
    return made;
  };
  const known = new Map<string, string>();
  for (const name of [...new Set(names)].sort()) {
    if (name !== '') known.set(name, name.replace(WORD, rename));
  }
  const name = (text: string): string => known.get(text) ?? text;
  return {
    name,
    text: (text) => known.get(text) ?? text.replace(TOKEN, (token) => inToken(token, known)),
  };
}

const WORD = /[A-Za-z]+|\d+/g;

function another(ch: string, k: number): string {
  if (ch >= '0' && ch <= '9') return String((Number(ch) + (k % 10)) % 10);
  if (ch >= 'a' && ch <= 'z') return String.fromCharCode(97 + k);
  return String.fromCharCode(65 + k);
}

/** The token itself, or the longest part up to a dot ("catalog.default.svc"), or without its last dot. */
function inToken(token: string, known: ReadonlyMap<string, string>): string {
  for (let end = token.length; end > 0; end = token.lastIndexOf('.', end - 1)) {
    const renamed = known.get(token.slice(0, end));
    if (renamed !== undefined) return renamed + token.slice(end);
  }
  return token;
}
