import { disjointWindows, type Catalog, type CatalogItem } from '../../core/connect';
import type { TimeWindow } from '../../core/base';
import type { Notice } from '../../core/model';
import {
  catAnswer,
  countAnswer,
  fieldCapsAnswer,
  isPartial,
  pathOf,
  resolveAnswer,
  searchAnswer,
  statusOf,
  type Client,
} from './api';
import { groupsOf, type Group, type IndexInfo } from './groups';
import { anyOf, noneOf } from './queries';
import { EXPRESSION_QUERY } from './reader';
import { Fields, recognise, type Overrides } from './recognise';
import { mappingWords, signalOf, type Mapping } from './spec';
import { rangeQuery } from './time-field';

/** Documents that are looked at to see what an index holds. */
const SAMPLES = 5;
/** More groups than this are not looked into. */
const MAX_GROUPS = 300;

export interface Found {
  readonly item: CatalogItem;
  /** Undefined where the group can't be read. */
  readonly target?: Target;
}

/** What a pull needs to know of one item: plain data. */
export interface Target {
  readonly id: string;
  readonly expression: string;
  readonly red: boolean;
  readonly guessed: boolean;
  readonly mapping: Mapping;
}

export interface Listing {
  readonly found: readonly Found[];
  readonly notices: readonly Notice[];
}

export interface ListOptions {
  /** Index pattern as a person gave it; all that is not hidden, where they gave none. */
  readonly index: string | undefined;
  readonly overrides: Overrides;
  readonly windows: readonly TimeWindow[];
  /** Only these ids; all where undefined. */
  readonly only?: ReadonlySet<string>;
}

/** What lies in the cluster, with counts in the windows and how it would be read. */
export async function list(client: Client, options: ListOptions): Promise<Listing> {
  const { indices, dataStreams, notices, redNames } = await indicesOf(client, options.index);
  const groups = groupsOf(indices, dataStreams);
  const wanted = options.only ? groups.filter(({ id }) => options.only?.has(id)) : groups;
  const said: Notice[] = [...notices, ...stateNotices(indices, redNames)];
  if (wanted.length > MAX_GROUPS) {
    const count = wanted.length - MAX_GROUPS;
    const message = `${count} of ${wanted.length} indices were not looked into. Give an index pattern.`;
    said.push({ code: 'indices-left-out', severity: 'warning', count, message });
  }
  const found: Found[] = [];
  let refused: unknown;
  for (const group of wanted.slice(0, MAX_GROUPS)) {
    const red = group.members.some((name) => redNames.has(name) || redNames.has(`ds:${name}`));
    try {
      found.push(await describeGroup(client, group, red, options));
    } catch (error) {
      if (!isPartial(error)) throw error;
      refused = error;
      said.push(unreadable(group.id, error));
      found.push({ item: bareItem(group.id, 'cannot be read') });
    }
  }
  // A sign-in that may read nothing is wrong for all.
  if (refused !== undefined && statusOf(refused) === 403 && found.every(({ target }) => !target)) {
    throw refused;
  }
  return { found, notices: said };
}

export function unreadable(id: string, error: unknown): Notice {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${id} cannot be read and is left out. ${why}`;
  return { code: 'index-failed', severity: 'warning', count: 1, message, detail: { item: id } };
}

interface Indices {
  readonly indices: readonly IndexInfo[];
  readonly dataStreams: readonly string[];
  readonly redNames: ReadonlySet<string>;
  readonly notices: readonly Notice[];
}

async function indicesOf(client: Client, index: string | undefined): Promise<Indices> {
  const pattern = index ?? '*';
  const expand = index === undefined ? 'open,closed' : 'open,closed,hidden';
  const { red, rows } = await healthOf(client, pattern);
  const query = [['expand_wildcards', expand]] as const;
  const path = `/_resolve/index/${pathOf(pattern)}`;
  try {
    const answer = await client.call({ method: 'GET', path, query }, resolveAnswer);
    const indices = answer.indices
      .map(({ name, attributes, data_stream: dataStream }) => ({
        name,
        open: attributes.includes('open'),
        hidden: attributes.includes('hidden'),
        dataStream,
      }))
      .filter(({ name }) => index !== undefined || !name.startsWith('.'));
    const dataStreams = answer.data_streams
      .map(({ name }) => name)
      .filter((name) => index !== undefined || !name.startsWith('.'));
    return { indices, dataStreams, redNames: red, notices: [] };
  } catch (error) {
    // Before 7.9 there is no such call; 404 is also a name that is not there.
    if (![400, 404, 405].includes(statusOf(error)) || rows === undefined) throw error;
    const indices = rows.filter(({ name }) => index !== undefined || !name.startsWith('.'));
    return { indices, dataStreams: [], redNames: red, notices: [] };
  }
}

/** Health and state by `_cat`; a sign-in may lack the privilege, then nothing is known. */
export async function healthOf(
  client: Client,
  pattern: string,
): Promise<{ red: ReadonlySet<string>; rows?: readonly IndexInfo[] }> {
  const query = [
    ['format', 'json'],
    ['h', 'index,health,status,docs.count'],
    ['expand_wildcards', 'all'],
  ] as const;
  try {
    const path = `/_cat/indices/${pathOf(pattern)}`;
    const rows = await client.call({ method: 'GET', path, query }, catAnswer);
    const red = new Set<string>();
    for (const { index, health } of rows) {
      if (health !== 'red') continue;
      red.add(index);
      const stream = /^\.ds-(.+)-\d{4}\.\d{2}\.\d{2}-\d{6}$|^\.ds-(.+)-\d{6}$/.exec(index);
      if (stream) red.add(`ds:${stream[1] ?? stream[2] ?? ''}`);
    }
    const infos = rows.map(({ index: name, status }) => ({
      name,
      open: status !== 'close',
      hidden: name.startsWith('.'),
    }));
    return { red, rows: infos };
  } catch (error) {
    if (!isPartial(error)) throw error;
    return { red: new Set() };
  }
}

function stateNotices(
  indices: readonly IndexInfo[],
  redNames: ReadonlySet<string>,
): readonly Notice[] {
  const closed = indices.filter(({ open }) => !open).map(({ name }) => name);
  const red = [...redNames].filter((name) => !name.startsWith('ds:'));
  const notices: Notice[] = [];
  if (closed.length > 0) {
    notices.push(named('index-closed', closed, 'are closed and cannot be read'));
  }
  if (red.length > 0) notices.push(redNotice(red));
  return notices;
}

export function redNotice(names: readonly string[]): Notice {
  return named('index-red', names, 'have shards that are not available; rows may be missing');
}

function named(code: string, names: readonly string[], what: string): Notice {
  const some = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  const message = `${names.length} indices ${what}: ${some}.`;
  return { code, severity: 'warning', count: names.length, message };
}

async function describeGroup(
  client: Client,
  group: Group,
  red: boolean,
  { overrides, windows, index }: ListOptions,
): Promise<Found> {
  const giveUp = red ? { giveUpOn: [503] } : {};
  const base = `/${pathOf(group.expression)}`;
  const query = [['fields', '*'] as const, ...EXPRESSION_QUERY];
  const capsRequest = { method: 'GET', path: `${base}/_field_caps`, query } as const;
  const { fields: caps } = await client.call(capsRequest, fieldCapsAnswer, giveUp);
  const search = { method: 'POST', path: `${base}/_search`, query: EXPRESSION_QUERY } as const;
  const peek = { size: SAMPLES, track_total_hits: false, query: { match_all: {} } };
  const peeked = await client.call({ ...search, body: peek }, searchAnswer, giveUp);
  const result = recognise(new Fields(caps, peeked.hits), overrides);
  if (typeof result === 'string') return { item: bareItem(group.id, `not read: ${result}`) };
  const { mapping, guessed } = result;
  const ranges = disjointWindows(windows).map((window) => rangeQuery(mapping.time, window));
  const body = { size: 0, track_total_hits: true, query: anyOf(ranges) };
  const counted = await client.call({ ...search, body }, searchAnswer, giveUp);
  const count = counted.total;
  // Without a message it may be anything; it is brought where somebody asks for it.
  const hasMessage = !guessed || mapping.fields.message !== undefined;
  const asked = index !== undefined;
  const item: CatalogItem = {
    id: group.id,
    title: group.id,
    signal: signalOf(mapping.profile),
    count,
    unit: 'documents',
    mapping: mappingWords(mapping),
    selected: count !== 0 && !AUXILIARY.test(group.id) && (asked || hasMessage),
  };
  const target: Target = { id: group.id, expression: group.expression, red, guessed, mapping };
  return { item, target };
}

/** What backends keep beside the telemetry itself. */
const AUXILIARY =
  /^(jaeger-(service|dependencies)|otel-v1-apm-service-map|security-auditlog|top_queries)/;

function bareItem(id: string, mapping: string): CatalogItem {
  return {
    id,
    title: id,
    signal: 'logs',
    count: null,
    unit: 'documents',
    mapping,
    selected: false,
  };
}

export function catalogOf({ found, notices }: Listing): Catalog {
  return { items: found.map(({ item }) => item), notices };
}

/** Documents without a time, which no window can hold, with the names of a few. */
export async function countUntimed(client: Client, target: Target): Promise<Notice | undefined> {
  const { expression, id, mapping, red } = target;
  const path = `/${pathOf(expression)}/_search`;
  const query = noneOf({ exists: { field: mapping.time.name } });
  const body = { size: 3, track_total_hits: true, query, _source: false };
  const request = { method: 'POST', path, query: EXPRESSION_QUERY, body } as const;
  const answer = await client.call(request, searchAnswer, red ? { giveUpOn: [503] } : {});
  const count = answer.total ?? 0;
  if (count === 0) return undefined;
  const examples = answer.hits.map(({ index, id: of }) => `${index}/${of}`);
  const message =
    `${count} documents of ${id} have no time in ${mapping.time.name}, so they belong to no window ` +
    `and are left out. For example ${examples.join(', ')}.`;
  return {
    code: 'records-without-time',
    severity: 'warning',
    count,
    message,
    detail: { item: id, examples },
  };
}

/** Documents of one item in one window that a query holds. */
export async function countOf(
  client: Client,
  { expression, red }: Target,
  query: Readonly<Record<string, unknown>>,
): Promise<number> {
  const path = `/${pathOf(expression)}/_count`;
  const request = { method: 'POST', path, query: EXPRESSION_QUERY, body: { query } } as const;
  const { count } = await client.call(request, countAnswer, red ? { giveUpOn: [503] } : {});
  return count;
}
