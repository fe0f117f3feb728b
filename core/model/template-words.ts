/** What stands for a variable part in a log template. */
export const ANY = '<*>';

/** Shorter ones are in too many lines. */
const LEAST_LETTERS = 3;
const MOST_WORDS = 4;

/** The fixed words of a log template, in order: what its lines have for sure, however they are spaced. */
export function fixedWords(template: string): readonly string[] {
  return template
    .split(/\s+/)
    .flatMap((word) => word.split(ANY))
    .filter((word) => word !== '');
}

/** The longest of them, each once, for finding its lines again by text. */
export function longestWords(template: string): string[] {
  return longest(fixedWords(template));
}

/** The same for a search box, where a quoted term must be in a line as it stands. */
export function searchFor(template: string): string {
  const terms = fixedWords(template).flatMap((word) => word.split('"'));
  return longest(terms)
    .map((term) => `"${term}"`)
    .join(' ');
}

function longest(words: readonly string[]): string[] {
  return [...new Set(words)]
    .filter((word) => word.length >= LEAST_LETTERS)
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, MOST_WORDS);
}
