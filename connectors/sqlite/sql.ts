/** A column of a table as CREATE TABLE says it. */
interface SqlColumn {
  readonly name: string;
  /** As declared, in upper case; '' where it is not. */
  readonly type: string;
  /** What rows have that are older than the column. */
  readonly byDefault: string | number | null;
}

export interface SqlTable {
  /** In the order of a record's values. */
  readonly columns: readonly SqlColumn[];
  /** Place of the column that is the rowid; -1 where there is none. */
  readonly rowid: number;
  /** Columns that are worked out and not stored. */
  readonly computed: number;
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'mark';
  readonly text: string;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|'((?:[^']|'')*)'|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*)|([^\s])/gy;

function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const m of sql.matchAll(TOKEN)) {
    const [, double, tick, square, single, word, mark] = m;
    const quoted =
      double?.replaceAll('""', '"') ??
      tick?.replaceAll('``', '`') ??
      square ??
      single?.replaceAll("''", "'");
    if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}

const is = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === word;
const isMark = (token: Token | undefined, mark: string): boolean =>
  token?.kind === 'mark' && token.text === mark;

/** The columns of a table by its CREATE TABLE; undefined where it is not understood, or is of a virtual table. */
export function tableOfSql(sql: string): SqlTable | undefined {
  const tokens = tokensOf(sql);
  const from = tokens.findIndex((token) => isMark(token, '('));
  if (from < 0 || is(tokens[1], 'VIRTUAL')) return undefined;
  const { parts, end } = partsFrom(tokens, from + 1);
  const without = tokens
    .slice(end)
    .some((token, i, rest) => is(token, 'WITHOUT') && is(rest[i + 1], 'ROWID'));
  const all: Definition[] = [];
  let key: readonly string[] = [];
  for (const part of parts) {
    const listed = constraintKey(part);
    if (listed) key = listed.length > 0 ? listed : key;
    else {
      const column = columnOf(part);
      if (!column) return undefined;
      all.push(column);
      if (column.key) key = [column.name];
    }
  }
  const stored = all.filter(({ computed }) => !computed);
  if (stored.length === 0) return undefined;
  return placed(stored, key, without, all.length - stored.length);
}

function placed(
  stored: readonly Definition[],
  key: readonly string[],
  without: boolean,
  computed: number,
): SqlTable {
  const named = (name: string) =>
    stored.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (without) {
    // The key stands first, each column of it once.
    const first = [...new Set(key.flatMap((name) => named(name) ?? []))];
    const rest = stored.filter((column) => !first.includes(column));
    return { columns: [...first, ...rest], rowid: -1, computed };
  }
  const [one] = key;
  const alias = key.length === 1 && one !== undefined ? named(one) : undefined;
  const rowid = alias?.type === 'INTEGER' && !alias.descending ? stored.indexOf(alias) : -1;
  return { columns: stored, rowid, computed };
}

/** What stands between the commas of a list in brackets. */
function partsFrom(
  tokens: readonly Token[],
  from: number,
): { readonly parts: readonly (readonly Token[])[]; readonly end: number } {
  const parts: Token[][] = [[]];
  let depth = 0;
  let at = from;
  for (; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) break;
    if (isMark(token, ')') && depth === 0) break;
    if (isMark(token, '(')) depth++;
    if (isMark(token, ')')) depth--;
    if (isMark(token, ',') && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return { parts: parts.filter((part) => part.length > 0), end: at };
}

/** The columns of PRIMARY KEY (…), [] for other constraints of the table; undefined for what is a column. */
function constraintKey(part: readonly Token[]): readonly string[] | undefined {
  const at = is(part[0], 'CONSTRAINT') ? 2 : 0;
  const first = part[at];
  if (!['PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'].some((word) => is(first, word))) return undefined;
  const open = part.findIndex((token) => isMark(token, '('));
  if (!is(first, 'PRIMARY') || open < 0) return [];
  return partsFrom(part, open + 1).parts.flatMap(([name]) => name?.text ?? []);
}

interface Definition extends SqlColumn {
  readonly key: boolean;
  readonly descending: boolean;
  readonly computed: boolean;
}

const CONSTRAINTS = new Set(
  'CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS ON'.split(' '),
);

function columnOf(part: readonly Token[]): Definition | undefined {
  const [name, ...rest] = part;
  if (!name || name.kind === 'mark') return undefined;
  const starts = rest.findIndex(
    ({ kind, text }) => kind === 'word' && CONSTRAINTS.has(text.toUpperCase()),
  );
  const typed = starts < 0 ? rest : rest.slice(0, starts);
  const open = typed.findIndex((token) => isMark(token, '('));
  const type = (open < 0 ? typed : typed.slice(0, open)).map(({ text }) => text.toUpperCase());
  const more = starts < 0 ? [] : flat(rest.slice(starts));
  const key = more.findIndex((token, at) => is(token, 'PRIMARY') && is(more[at + 1], 'KEY'));
  const worked = more.some((token) => is(token, 'AS'));
  return {
    name: name.text,
    type: type.join(' '),
    byDefault: defaultOf(more),
    key: key >= 0,
    descending: key >= 0 && is(more[key + 2], 'DESC'),
    computed: worked && !more.some((token) => is(token, 'STORED')),
  };
}

/** Without what stands in brackets. */
function flat(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  return tokens.filter((token) => {
    if (isMark(token, '(')) depth++;
    if (isMark(token, ')')) depth--;
    return depth === 0 && !isMark(token, ')');
  });
}

function defaultOf(tokens: readonly Token[]): string | number | null {
  const at = tokens.findIndex((token) => is(token, 'DEFAULT'));
  const minus = isMark(tokens[at + 1], '-');
  const value = at < 0 ? undefined : tokens[at + (minus ? 2 : 1)];
  if (!value || value.kind === 'mark') return null;
  if (value.kind === 'quoted') return value.text;
  if (/^\d/.test(value.text) && !Number.isNaN(Number(value.text))) {
    return minus ? -Number(value.text) : Number(value.text);
  }
  return is(value, 'TRUE') ? 1 : is(value, 'FALSE') ? 0 : null;
}
