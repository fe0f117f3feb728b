/** One StatsD message: `name:1|c|@0.1|#tag:value,other|T1656581400`. */
export interface StatsdLine {
  readonly name: string;
  /** DogStatsD 1.1 packs several values into one message. */
  readonly values: readonly string[];
  readonly type: string;
  /** 1 where none is given. */
  readonly rate: number;
  readonly tags: readonly (readonly [string, string])[];
  /** The time in front of the message or behind it, '' where there is none. */
  readonly time: string;
}

const TYPES: ReadonlySet<string> = new Set(['c', 'g', 'ms', 'h', 'd', 's']);

/** A message, or why it is none. A capture may put the time of its arrival in front, apart by blanks. */
export function parseStatsd(line: string): StatsdLine | string {
  const pipe = line.indexOf('|');
  if (pipe < 0) return 'the line has no type';
  const blank = line.lastIndexOf(' ', pipe);
  const before = line.slice(0, Math.max(0, blank)).trim();
  const [head = '', type = '', ...sections] = line
    .slice(blank + 1)
    .trim()
    .split('|');
  if (head.startsWith('_e{')) return 'the line is an event';
  if (head === '_sc') return 'the line is a service check';
  const colon = head.indexOf(':');
  if (colon <= 0 || colon === head.length - 1) return 'the line is not name:value|type';
  if (!TYPES.has(type)) return 'the type is not known';
  let rate = 1;
  let tags: readonly (readonly [string, string])[] = [];
  let time = before;
  for (const section of sections) {
    if (section.startsWith('@')) rate = Number(section.slice(1));
    else if (section.startsWith('#')) tags = section.slice(1).split(',').filter(Boolean).map(tagOf);
    else if (/^T\d+$/.test(section)) time = section.slice(1);
  }
  if (!(rate > 0 && rate <= 1)) return 'the sample rate is not between 0 and 1';
  return {
    name: head.slice(0, colon),
    values: head.slice(colon + 1).split(':'),
    type,
    rate,
    tags,
    time,
  };
}

/** `tag:value`, or a tag alone. */
function tagOf(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, 'true'] : [text.slice(0, colon), text.slice(colon + 1)];
}
