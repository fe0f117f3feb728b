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
import { indicesOf } from './indices';
import { noneOf } from './queries';
import { EXPRESSION_QUERY } from './reader';
import { Fields, recognise, type Overrides } from './recognise';
import { isAlerts, mappingWords, signalOf, type Mapping } from './spec';
import { spellingsOf } from './trace-ids';

/** Documents that are looked at to see what an index holds. */
const SAMPLES = 5;
/** More groups than this are not looked into. */
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
}

/** What lies in the cluster, with counts in the windows and how it would be read. */
export async function list(client: Client, options: ListOptions): Promise<Listing> {
  const there = await indicesOf(client, options.index);
  const groups = groupsOf(there.indices, there.named);
  const wanted = options.only ? groups.filter(({ id }) => options.only?.has(id)) : groups;
  const said: Notice[] = [...there.notices];
  if (wanted.length > MAX_GROUPS) {
    const count = wanted.length - MAX_GROUPS;
    const message = `${count} of ${wanted.length} indices were not looked into. Give an index pattern.`;
    said.push({ code: 'indices-left-out', severity: 'warning', count, message });
  }
  const sources = await sourcesOf(client, options.index ?? '*');
  const found: Found[] = [];
  let refused: unknown;
  for (const group of wanted.slice(0, MAX_GROUPS)) {
    const { members } = group;
    const red = members.some(
      (name) => there.redNames.has(name) || there.redNames.has(`ds:${name}`),
    );
    const lacking = members.flatMap((name) => sources.get(name) ?? []);
    const rebuilt = members.some((name) => there.rebuilt.has(name));
    try {
      const { notices, ...one } = await describeGroup(client, { ...group, red, lacking }, options);
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

async function describeGroup(
  client: Client,
  group: Group & { readonly red: boolean; readonly lacking: readonly SourceInfo[] },
  { overrides, windows, index, traces }: ListOptions,
): Promise<Described> {
  const { red } = group;
  const giveUp = red ? { giveUpOn: [503] } : {};
  const base = `/${pathOf(group.expression)}`;
  const query = [['fields', '*'] as const, ...EXPRESSION_QUERY];
  const capsRequest = { method: 'GET', path: `${base}/_field_caps`, query } as const;
  const { fields: caps } = await client.call(capsRequest, fieldCapsAnswer, giveUp);
  const search = { method: 'POST', path: `${base}/_search`, query: EXPRESSION_QUERY } as const;
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
  const documents = peeked.hits.map((hit) => documentOf(hit, fetch));
  const fields = new Fields(caps, documents);
  const alerts = alertMapping(fields);
  const result = alerts ? { mapping: alerts, guessed: false } : recognise(fields, overrides);
  if (typeof result === 'string') {
    return { item: bareItem(group.id, `not read: ${result}`), notices: [] };
  }
  const { guessed } = result;
  const mapping = traces.length === 0 ? result.mapping : ofTraces(result.mapping, traces);
  if (!mapping) return { item: bareItem(group.id, 'no trace ids to search for'), notices: [] };
  const inWindows = windowsQuery(mapping, disjointWindows(windows));
  const body = { size: 0, track_total_hits: true, query: inWindows };
  const counted = await longSearch(client, { expression: group.expression, body, red });
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
  const { id, expression } = group;
  const target: Target = { id, expression, red, guessed, mapping, fetch };
  if (fetched?.fetch.stored) notices.push(lostNotice(id, fetched.fetch, fetched.lost));
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
  const { expression, id, mapping, red } = target;
  const query = noneOf({ exists: { field: mapping.time.name } });
  const body = { size: 3, track_total_hits: true, query, _source: false };
  const answer = await longSearch(client, { expression, body, red });
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
