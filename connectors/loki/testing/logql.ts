/** A line as a Loki holds it. */
export interface StoredLine {
  readonly ts: bigint;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Test = (line: StoredLine) => boolean;

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}

/** Go writes flags into the expression; labels are matched as a whole, lines anywhere. */
function regex(source: string, whole: boolean): RegExp {
  const flags = source.startsWith('(?i)') ? 'i' : '';
  const body = source.replace(/^\(\?i\)/, '');
  return new RegExp(whole ? `^(?:${body})$` : body, flags);
}

function compare(operator: string, given: string): (value: string) => boolean {
  if (operator === '=') return (value) => value === given;
  if (operator === '!=') return (value) => value !== given;
  const expression = regex(given, true);
  return operator === '=~' ? (value) => expression.test(value) : (value) => !expression.test(value);
}

const text = (quoted: string): string =>
  quoted.startsWith('`') ? quoted.slice(1, -1) : String(JSON.parse(quoted));

const TEXT = String.raw`"(?:[^"\\]|\\.)*"|` + '`[^`]*`';
const MATCHER = new RegExp(String.raw`^\s*,?\s*(\w+)\s*(=~|!~|!=|=)\s*(${TEXT})`);
const LINE_FILTER = new RegExp(String.raw`^\s*(\|=|!=|\|~|!~)\s*(${TEXT})`);

/** Why a query is refused, in Loki's words. */
export class ParseError extends Error {}

/** A test for the lines of a log query: selector, line filters, label filters joined by `or`. */
export function parseLogQuery(query: string): { selects: Test; keeps: Test } {
  let rest = query.trim();
  if (!rest.startsWith('{')) throw new ParseError('parse error: unexpected token');
  rest = rest.slice(1);
  const matchers: Test[] = [];
  let some = false;
  for (let m = MATCHER.exec(rest); m; m = MATCHER.exec(rest)) {
    const [all, name = '', operator = '', quoted = ''] = m;
    const fits = compare(operator, text(quoted));
    some ||= !fits('');
    matchers.push(({ labels }) => fits(labels[name] ?? ''));
    rest = rest.slice(all.length);
  }
  if (!/^\s*\}/.test(rest)) throw new ParseError('parse error: syntax error: unexpected $end');
  if (!some) {
    throw new ParseError(
      'parse error: queries require at least one regexp or equality matcher that does not have an empty-compatible value',
    );
  }
  const selects: Test = (line) => matchers.every((fits) => fits(line));
  const stages = stagesOf(rest.replace(/^\s*\}/, ''));
  return { selects, keeps: (line) => selects(line) && stages.every((keeps) => keeps(line)) };
}

function stagesOf(pipeline: string): readonly Test[] {
  const stages: Test[] = [];
  let rest = pipeline;
  while (rest.trim() !== '') {
    const line = LINE_FILTER.exec(rest);
    if (line) {
      const [all, operator = '', quoted = ''] = line;
      const given = text(quoted);
      const found = operator.includes('~')
        ? (of: string): boolean => regex(given, false).test(of)
        : (of: string): boolean => of.includes(given);
      const wanted = operator.startsWith('|');
      stages.push((one) => found(one.line) === wanted);
      rest = rest.slice(all.length);
      continue;
    }
    const filter = new RegExp(
      String.raw`^\s*\|\s*((?:(?:\s*or\s*)?\w+\s*(?:=~|!~|!=|=)\s*(?:${TEXT}))+)`,
    ).exec(rest);
    if (!filter) throw new ParseError(`parse error: unexpected ${rest.trim().slice(0, 20)}`);
    const tests = [
      ...(filter[1] ?? '').matchAll(new RegExp(String.raw`(\w+)\s*(=~|!~|!=|=)\s*(${TEXT})`, 'g')),
    ].map(([, name = '', operator = '', quoted = '']) => {
      const fits = compare(operator, text(quoted));
      return ({ labels, metadata }: StoredLine): boolean =>
        fits(metadata[name] ?? labels[name] ?? '');
    });
    stages.push((one) => tests.some((fits) => fits(one)));
    rest = rest.slice(filter[0].length);
  }
  return stages;
}

export interface Count {
  readonly by: readonly string[];
  readonly log: string;
  readonly range: bigint;
  readonly offset: bigint;
}

/** `sum by (label, …) (count_over_time(QUERY [RANGE] offset NANOSECONDS))`, the one metric query that is asked here. */
export function parseCount(query: string): Count | undefined {
  const m =
    /^sum(?: by \(([\w, ]+)\))? \(count_over_time\((.*) \[(\d+)(ns|s)\](?: offset (\d+)ns)?\)\)$/s.exec(
      query,
    );
  if (!m) return undefined;
  const unit = m[4] === 's' ? 1_000_000_000n : 1n;
  const range = BigInt(m[3] ?? '0') * unit;
  return { by: m[1]?.split(', ') ?? [], log: m[2] ?? '', range, offset: BigInt(m[5] ?? '0') };
}
