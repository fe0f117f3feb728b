import type { Rng } from '../../base';
import { shuffled } from '../shuffle';
import type { Renaming } from './rename';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Rec {
  readonly name?: string;
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: readonly Attribute[];
  readonly events?: readonly Rec[];
  readonly [key: string]: unknown;
}

interface Group {
  readonly resource?: { readonly attributes?: readonly Attribute[] };
  readonly scopeSpans?: readonly Scope[];
  readonly scopeLogs?: readonly Scope[];
}

interface Scope {
  readonly scope?: unknown;
  readonly spans?: readonly Rec[];
  readonly logRecords?: readonly Rec[];
}

interface Line {
  readonly resourceSpans?: readonly Group[];
  readonly resourceLogs?: readonly Group[];
}

/** Resource attributes that name something of the system. */
const NAMING =
  /^(service\.name|service\.instance\.id|k8s\.(pod|node|container|deployment)\.name|host\.name|container\.name)$/;

/** Attributes of spans that name whom they call. */
const PEERS =
  /^(peer\.service|server\.address|net\.peer\.name|messaging\.destination\.name|db\.(name|namespace))$/;

/** Attributes whose words are a vocabulary, whatever a system's parts are called. */
const KINDS = /(^|\.)(system|system\.name|method|language|version)$/;

const lines = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const groupsOf = (line: Line): readonly Group[] => line.resourceSpans ?? line.resourceLogs ?? [];
const scopesOf = (group: Group): readonly Scope[] => group.scopeSpans ?? group.scopeLogs ?? [];
const recordsOf = (scope: Scope): readonly Rec[] => scope.spans ?? scope.logRecords ?? [];

export function* otlpNames(text: string): Generator<string> {
  for (const line of lines(text)) {
    for (const group of groupsOf(line)) {
      yield* named(group.resource?.attributes, NAMING);
      for (const scope of scopesOf(group)) {
        for (const record of recordsOf(scope)) yield* named(record.attributes, PEERS);
      }
    }
  }
}

function* named(attributes: readonly Attribute[] | undefined, keys: RegExp): Generator<string> {
  for (const { key, value } of attributes ?? []) {
    if (keys.test(key) && value.stringValue !== undefined) yield value.stringValue;
  }
}

interface Means {
  readonly rename: Renaming;
  readonly shiftS: number;
  readonly rng: Rng;
}

/** Records to a line, as the exporter's batches have. */
const PER_LINE = 300;

/** Records of all lines in random order; those of one resource stand together in a line, as they must. */
export function scrambleOtlp(text: string, means: Means): string {
  const records = lines(text).flatMap((line) =>
    groupsOf(line).flatMap((group) =>
      scopesOf(group).flatMap((scope) =>
        recordsOf(scope).map((record) => ({
          resource: group.resource,
          scope: scope.scope,
          record,
        })),
      ),
    ),
  );
  const isSpans = /^\s*\{"resourceSpans"/.test(text);
  const mixed = shuffled(records, means.rng);
  let out = '';
  for (let at = 0; at < mixed.length; at += PER_LINE) {
    const groups = new Map<string, { resource: unknown; scope: unknown; records: Rec[] }>();
    for (const { resource, scope, record } of mixed.slice(at, at + PER_LINE)) {
      const attributes = renamedAll(resource?.attributes, means.rename);
      const key = JSON.stringify([attributes, scope]);
      const group = groups.get(key) ?? {
        resource: { ...resource, attributes },
        scope,
        records: [],
      };
      group.records.push(moved(record, means));
      groups.set(key, group);
    }
    out += `${JSON.stringify(isSpans ? spansLine(groups.values()) : logsLine(groups.values()))}\n`;
  }
  return out;
}

type Groups = Iterable<{ resource: unknown; scope: unknown; records: Rec[] }>;

const spansLine = (groups: Groups): unknown => ({
  resourceSpans: [...groups].map(({ resource, scope, records }) => ({
    resource,
    scopeSpans: [{ scope, spans: records }],
  })),
});

const logsLine = (groups: Groups): unknown => ({
  resourceLogs: [...groups].map(({ resource, scope, records }) => ({
    resource,
    scopeLogs: [{ scope, logRecords: records }],
  })),
});

function moved(record: Rec, means: Means): Rec {
  const { rename, shiftS } = means;
  const out: Record<string, unknown> = { ...record };
  for (const [key, value] of Object.entries(record)) {
    if (key.endsWith('UnixNano') && (typeof value === 'string' || typeof value === 'number')) {
      const at = BigInt(value);
      out[key] = String(at === 0n ? at : at + BigInt(shiftS) * 1_000_000_000n);
    }
  }
  if (record.name !== undefined) out['name'] = rename.text(record.name);
  if (record.body?.stringValue !== undefined) {
    out['body'] = { stringValue: rename.text(record.body.stringValue) };
  }
  if (record.attributes) out['attributes'] = renamedAll(record.attributes, rename);
  if (record.events) out['events'] = record.events.map((event) => moved(event, means));
  return out;
}

function renamedAll(
  attributes: readonly Attribute[] | undefined,
  rename: Renaming,
): readonly Attribute[] {
  return (attributes ?? []).map((attribute) => {
    const { stringValue } = attribute.value;
    return stringValue === undefined || KINDS.test(attribute.key)
      ? attribute
      : { ...attribute, value: { stringValue: rename.text(stringValue) } };
  });
}
