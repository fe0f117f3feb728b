import {
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';

/** A definition as it stands in a file of YAML. */
export interface Definition {
  readonly kind: string;
  readonly name: string;
  /** Where it is: `groups[0].rules[3]`. */
  readonly where: string;
  readonly node: Node;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A document of a file, and the place from which on it can't be trusted. */
export interface YamlDocument {
  readonly map: YAMLMap;
  readonly where: string;
  /** Offset of its first fault, and what it is; undefined where there is none. */
  readonly fault: { readonly at: number; readonly reason: string } | undefined;
}

/** More documents than this are not looked at. */
const MOST = 10_000;

/** The documents of a text whose top is a mapping, and why others are none. */
export function documentsOf(text: string): {
  readonly documents: readonly YamlDocument[];
  readonly faults: readonly { readonly where: string; readonly reason: string }[];
} {
  const parsed = parseAllDocuments(text, {
    logLevel: 'silent',
    prettyErrors: false,
    uniqueKeys: false,
  });
  const documents: YamlDocument[] = [];
  const faults: { where: string; reason: string }[] = [];
  const all: readonly Document.Parsed[] = 'empty' in parsed ? [] : parsed;
  for (const [i, document] of all.slice(0, MOST).entries()) {
    const where = all.length > 1 ? `document ${i + 1}` : '';
    const [error] = document.errors;
    const fault = error && {
      at: error.pos[0],
      reason: `the YAML is broken in line ${lineAt(text, error.pos[0])}: ${error.message.split('\n', 1)[0] ?? ''}`,
    };
    if (isMap(document.contents)) documents.push({ map: document.contents, where, fault });
    else if (fault || document.contents !== null) {
      const reason = fault?.reason ?? 'the document is no mapping';
      faults.push({ where: where || 'the document', reason });
    }
  }
  return { documents, faults };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The text of a key, '' where there is none or it is no scalar. */
export function textAt(map: unknown, key: string): string {
  const value: unknown = isMap(map) ? map.get(key, true) : undefined;
  if (!isScalar(value)) return '';
  const { value: inner, source } = value;
  return typeof inner === 'string' ? inner : inner === null ? '' : (source ?? '');
}

export function mapAt(map: unknown, key: string): YAMLMap | undefined {
  const value: unknown = isMap(map) ? map.get(key, true) : undefined;
  return isMap(value) ? value : undefined;
}

/** The items of a list; undefined where the key holds none. */
export function listAt(map: unknown, key: string): readonly unknown[] | undefined {
  const value: unknown = isMap(map) ? map.get(key, true) : undefined;
  return isSeq(value) ? value.items : undefined;
}

/** Where a node begins and ends in the text. */
export function rangeOf(node: Node): readonly [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

/** A node's text as it stands in the file, without the indentation that its place gives it. */
export function sourceOf(text: string, node: Node): string {
  const [from, to] = rangeOf(node);
  const column = from - (text.lastIndexOf('\n', from - 1) + 1);
  const [first = '', ...lines] = text.slice(from, to).split('\n');
  const indent = new RegExp(`^ {0,${column}}`);
  return [first, ...lines.map((line) => line.replace(indent, ''))].join('\n').trimEnd();
}
