import { disjointWindows, type Catalog, type CatalogItem } from '../../core/connect';
import type { TimeWindow } from '../../core/base';
import type { Notice } from '../../core/model';
import { alertMapping, windowsQuery } from './alerts';
import {
  countAnswer,
  fieldCapsAnswer,
  isPartial,
  pathOf,
  searchAnswer,
  statusOf,
  type Client,
  type SearchAnswer,
} from './api';
import { longSearch } from './async-search';
import type { Target } from './cursor';
import {
  documentOf,
  fetchOf,
  lostNotice,
  sourcesOf,
  wantedOf,
  type Fetch,
  type SourceInfo,
} from './fetch';
import { groupsOf, type Group } from './groups';
import { identify } from './identify';
import { indicesOf } from './indices';
import { noneOf } from './queries';
import { expressionQuery } from './reader';
import { Fields, recognise, type Overrides } from './recognise';
import { isAlerts, mappingWords, signalOf, type Mapping } from './spec';
import { spellingsOf } from './trace-ids';

/** Documents that are looked at to see what an index holds. */
const SAMPLES = 5;
const MAX_GROUPS = 300;

export interface Found {
  readonly item: CatalogItem;
  /** Undefined where the group can't be read. */
  readonly target?: Target;
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
  /** Only documents of these traces, where there are any. */
  readonly traces: readonly string[];
  /** More groups than this are not looked into, 300 unless given. */
  readonly most?: number;
}

/** What lies in the cluster, with counts in the windows and how it would be read. */
export async function list(client: Client, options: ListOptions): Promise<Listing> {
  const there = await indicesOf(client, options.index);
  const groups = groupsOf(there.indices, there.named);
  const wanted = options.only ? groups.filter(({ id }) => options.only?.has(id)) : groups;
  const said: Notice[] = [...there.notices];
  const { most = MAX_GROUPS } = options;
  if (wanted.length > most) {
    const count = wanted.length - most;
    const message = `${count} of ${wanted.length} indices were not looked into. Give an index pattern.`;
    said.push({ code: 'indices-left-out', severity: 'warning', count, message });
  }
  const sources = await sourcesOf(client, options.index ?? '*');
  const passedOver = await passedOverIn(client, there.frozen);
  const found: Found[] = [];
  let refused: unknown;
  for (const group of wanted.slice(0, most)) {
    const { members } = group;
    const red = members.some(
      (name) => there.redNames.has(name) || there.redNames.has(`ds:${name}`),
    );
    const lacking = members.flatMap((name) => sources.get(name) ?? []);
    const rebuilt = members.some((name) => there.rebuilt.has(name));
    const frozen = members.some((name) => passedOver.has(name));
    const more = { red, lacking, frozen };
    try {
      const { notices, ...one } = await describeGroup(client, { ...group, ...more }, options);
      found.push(one);
      said.push(...notices);
      if (rebuilt && one.target) said.push(rebuiltNotice(group.id));
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

/** Frozen indices that a search leaves out unless it is told not to: those of version 7. */
async function passedOverIn(
  client: Client,
  frozen: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (frozen.size === 0) return frozen;
  const { product, version } = await identify(client);
  return product === 'elasticsearch' && /^[67]\./.test(version) ? frozen : new Set();
}

function rebuiltNotice(id: string): Notice {
  const message =
    `${id} rebuilds its documents from columns when they are read (synthetic source): lists come ` +
    'sorted and without doubles.';
  return { code: 'source-rebuilt', severity: 'info', count: 1, message, detail: { item: id } };
}

export function unreadable(id: string, error: unknown): Notice {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${id} cannot be read and is left out. ${why}`;
  return { code: 'index-failed', severity: 'warning', count: 1, message, detail: { item: id } };
}

interface Described extends Found {
  readonly notices: readonly Notice[];
}

interface Looked {
  readonly fields: Fields;
  readonly fetch: Fetch | undefined;
  readonly notices: readonly Notice[];
}

type Asked = Group & {
  readonly red: boolean;
  readonly frozen: boolean;
  readonly lacking: readonly SourceInfo[];
};

/** Fields and a few documents of a group, and how its documents are fetched. */
async function lookInto(client: Client, group: Asked): Promise<Looked> {
  const under = expressionQuery(group.frozen);
  const giveUp = group.red ? { giveUpOn: [503] } : {};
  const base = `/${pathOf(group.expression)}`;
  const query = [['fields', '*'] as const, ...under];
  const capsRequest = { method: 'GET', path: `${base}/_field_caps`, query } as const;
  const { fields: caps } = await client.call(capsRequest, fieldCapsAnswer, giveUp);
  const search = { method: 'POST', path: `${base}/_search`, query: under } as const;
  const fetched = fetchOf(group.lacking, new Fields(caps, []));
  const peek = (fetch: Fetch | undefined): Promise<SearchAnswer> => {
    const body = { size: SAMPLES, track_total_hits: false, ...wantedOf(undefined, fetch) };
    return client.call({ ...search, body }, searchAnswer, giveUp);
  };
  const notices: Notice[] = [];
  let fetch = fetched?.fetch;
  const peeked = await peek(fetch).catch((error: unknown) => {
    if (statusOf(error) !== 400 || !fetch || fetch.computed.length === 0) throw error;
    notices.push(uncomputedNotice(group.id, fetch.computed, error));
    fetch = { ...fetch, computed: [] };
    return peek(fetch);
  });
  if (fetched?.fetch.stored) notices.push(lostNotice(group.id, fetched.fetch, fetched.lost));
  const documents = peeked.hits.map((hit) => documentOf(hit, fetch));
  return { fields: new Fields(caps, documents), fetch, notices };
}

async function describeGroup(
  client: Client,
  group: Asked,
  { overrides, windows, index, traces }: ListOptions,
): Promise<Described> {
  const { id, expression, red, frozen } = group;
  const { fields, fetch, notices } = await lookInto(client, group);
  const alerts = alertMapping(fields);
  const result = alerts ? { mapping: alerts, guessed: false } : recognise(fields, overrides);
  if (typeof result === 'string') {
    return { item: bareItem(id, `not read: ${result}`), notices: [] };
  }
  const { guessed } = result;
  const mapping = traces.length === 0 ? result.mapping : ofTraces(result.mapping, traces);
  if (!mapping) return { item: bareItem(id, 'no trace ids to search for'), notices: [] };
  const inWindows = windowsQuery(mapping, disjointWindows(windows));
  const body = { size: 0, track_total_hits: true, query: inWindows };
  const counted = await longSearch(client, { expression, body, red, frozen });
  const count = counted.total;
  // Without a message it may be anything; it is brought where somebody asks for it.
  const hasMessage = !guessed || mapping.fields.message !== undefined;
  const asked = index !== undefined;
  const item: CatalogItem = {
    id,
    title: id,
    signal: signalOf(mapping.profile),
    count,
    unit: 'documents',
    mapping: mappingWords(mapping),
    ...(guessed ? { guessed } : {}),
    selected: count !== 0 && !AUXILIARY.test(id) && (asked || hasMessage),
  };
  const more = frozen ? { frozen } : {};
  const target: Target = { id, expression, red, ...more, guessed, mapping, fetch };
  return { item, target, notices: [...notices, ...shardNotices(id, counted)] };
}

/** Undefined for what has no trace ids, or none that can be searched for. */
function ofTraces(mapping: Mapping, traces: readonly string[]): Mapping | undefined {
  if (mapping.trace === undefined || isAlerts(mapping.profile)) return undefined;
  return { ...mapping, named: [...spellingsOf(traces)] };
}

function uncomputedNotice(id: string, names: readonly string[], error: unknown): Notice {
  const why = error instanceof Error ? error.message : String(error);
  const message = `The server can't compute ${names.join(', ')} of ${id}, which are left out. ${why}`;
  const count = names.length;
  const code = 'computed-left-out';
  return { code, severity: 'warning', count, message, detail: { item: id } };
}

/** What a count lacks. */
function shardNotices(id: string, { shards, timedOut }: SearchAnswer): readonly Notice[] {
  const failed = shards?.failed ?? 0;
  if (failed === 0 && !timedOut) return [];
  const why = timedOut
    ? 'the server ran out of time'
    : `${failed} of ${shards?.total} shards failed`;
  const message = `${id} has more documents than were counted: ${why}.`;
  const count = Math.max(1, failed);
  return [{ code: 'counts-partial', severity: 'warning', count, message, detail: { item: id } }];
}

/** What backends keep beside the telemetry itself. */
const AUXILIARY =
  /^(elastalert_status_(status|error|past|silence)|jaeger-(service|dependencies)|otel-v1-apm-service-map|security-auditlog|top_queries)/;

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
  const { expression, id, mapping, red, frozen } = target;
  const query = noneOf({ exists: { field: mapping.time.name } });
  const body = { size: 3, track_total_hits: true, query, _source: false };
  const answer = await longSearch(client, { expression, body, red, frozen });
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
  { expression, red, frozen }: Target,
  query: Readonly<Record<string, unknown>>,
): Promise<number> {
  const path = `/${pathOf(expression)}/_count`;
  const request = {
    method: 'POST',
    path,
    query: expressionQuery(frozen),
    body: { query },
  } as const;
  const { count } = await client.call(request, countAnswer, red ? { giveUpOn: [503] } : {});
  return count;
}
