/** Verbs of our sentences, as of many and as of one. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ...Object.entries({
    are: 'is',
    were: 'was',
    have: 'has',
    do: 'does',
    go: 'goes',
    carry: 'carries',
    touch: 'touches',
  }),
  ...'say give stand stay name lack end begin start hold share delete define last make look come'
    .split(' ')
    .map((verb) => [verb, `${verb}s`] as const),
]);
const PRONOUNS: ReadonlyMap<string, string> = new Map([
  ['they', 'it'],
  ['They', 'It'],
  ['them', 'it'],
  ['their', 'its'],
]);
/** The noun is one of the first words. */
const FIRST = 6;

/**
 * A sentence that says "1 records go on with the message before them and were joined to it." as it is of one:
 * the noun, the verbs that go with it, and the words that stand for it. Others stay as they are.
 */
export function ofOne(sentence: string): string {
  if (!sentence.startsWith('1 ')) return sentence;
  const words = sentence.split(' ');
  const nouns = nounsOf(words);
  const last = nouns.at(-1);
  if (last === undefined) return sentence;
  for (const at of nouns) words[at] = singular(words[at] ?? '');
  // A verb is the noun's until one was found, right after "and" and "or", and after "they".
  let ours = true;
  let brackets = 0;
  for (let at = last + 1; at < words.length; at++) {
    const word = words[at] ?? '';
    const [, before = '', plain = '', after = ''] = /^(\(?)([A-Za-z]*)(.*)$/s.exec(word) ?? [];
    if (before !== '') brackets++;
    const they = plain.toLowerCase() === 'they';
    const joins = /^(?:and|or)$/.test(words[at - 1] ?? '') && brackets === 0;
    const pronoun = PRONOUNS.get(plain);
    const verb = ours || joins ? VERBS.get(plain) : undefined;
    if (pronoun ?? verb) words[at] = `${before}${pronoun ?? verb ?? ''}${after}`;
    if (they) ours = true;
    else if (verb !== undefined || (brackets === 0 && /[,;:.]$/.test(word))) ours = false;
    if (after.includes(')')) brackets--;
  }
  return words.join(' ');
}

/** Places of what is counted: "spans", "log records", "span kinds or status codes". */
function nounsOf(words: readonly string[]): readonly number[] {
  const first = words.findIndex((word, at) => at > 0 && at < FIRST && isPlural(word));
  if (first < 0) return [];
  if (words[first + 1] !== 'or') return [first];
  const other = words.findIndex((word, at) => at > first + 1 && at < first + 4 && isPlural(word));
  return other < 0 ? [first] : [first, other];
}

const NO_NOUN = new Set(['status', 'has', 'was', 'its']);
const isPlural = (word: string): boolean => /^[A-Za-z-]+[^s]s$/.test(word) && !NO_NOUN.has(word);

function singular(word: string): string {
  if (word === 'series') return word;
  if (/(?:[^aeiouk])ies$/.test(word)) return `${word.slice(0, -3)}y`;
  return /(?:ss|x|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}
