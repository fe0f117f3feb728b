import { FaultlineError, type TimeWindow } from '../../core/base';
import { disjointWindows, type Catalog, type CatalogItem } from '../../core/connect';
import type { Notice } from '../../core/model';
import { isRefusal, type LokiClient } from './api';
import { streamKey } from './labels';
import { anyOf, groupLabel, matcherOf, readItem, selectorOf, withMatcher } from './logql';

/** Loki reads lines to count them: above so many bytes, by its index, it is not asked to. */
export const COUNT_UP_TO = 20e9;

export interface Chosen {
  readonly query: string;
  readonly notices: readonly Notice[];
}

/** The query that was given, or one for all streams that have the label by which they are best told apart. */
export async function chooseQuery(
  client: LokiClient,
  given: string | undefined,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Chosen> {
  if (given !== undefined) {
    selectorOf(given);
    return { query: given, notices: [] };
  }
  const label = groupLabel(await labelsIn(client, windows, signal));
  if (label === undefined) {
    throw new FaultlineError(
      'connector/config',
      'Loki has no stream in this time. Look at the window, the tenant and the sign-in’s rights.',
    );
  }
  const query = `{${matcherOf(label, '=~', '.+')}}`;
  const notice: Notice = {
    code: 'selector-chosen',
    severity: 'info',
    count: 1,
    message: `No query was given: ${query} was taken. Streams without this label are not in it; give a selector for those.`,
  };
  return { query, notices: [notice] };
}

export async function labelsIn(
  client: LokiClient,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const labels = new Set<string>();
  for (const window of windows) {
    for (const label of await client.labels(window, signal)) labels.add(label);
  }
  return [...labels];
}

interface Selecting {
  readonly select: readonly string[] | undefined;
  readonly windows: readonly TimeWindow[];
  readonly signal: AbortSignal;
}

/** The query for the selected items alone ('' where none of them is there), and those that are not there. */
export async function selectedQuery(
  client: LokiClient,
  query: string,
  { select, windows, signal }: Selecting,
): Promise<{ readonly query: string; readonly lost: readonly string[] }> {
  if (!select) return { query, lost: [] };
  const items = select.map((id) => ({ id, item: readItem(id) }));
  const label = items.find(({ item }) => item)?.item?.label;
  const there = new Set<string>();
  if (label !== undefined) {
    for (const window of windows) {
      for (const labels of await client.series(selectorOf(query), window, signal)) {
        there.add(labels[label] ?? '');
      }
    }
  }
  const known = ({ item }: (typeof items)[number]): boolean =>
    item !== undefined && item.label === label && there.has(item.value);
  const lost = items.filter((one) => !known(one)).map(({ id }) => id);
  const values = items.filter(known).flatMap(({ item }) => item?.value ?? []);
  if (label === undefined || values.length === 0) return { query: '', lost };
  // All of what the query finds: then its own selector says it shorter.
  const all = values.length === there.size;
  return { query: all ? query : withMatcher(query, anyOf(label, values)), lost };
}

interface Group {
  streams: number;
  bytes: number;
  lines: number;
}

/** Streams by the label that tells best who wrote them, with their lines and bytes in the windows. */
export async function discover(
  client: LokiClient,
  given: string | undefined,
  requested: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<Catalog> {
  const windows = disjointWindows(requested);
  const { query, notices } = await chooseQuery(client, given, windows, signal);
  const selector = selectorOf(query);
  const streams = new Map<string, Readonly<Record<string, string>>>();
  let indexed = 0;
  for (const window of windows) {
    for (const labels of await client.series(selector, window, signal)) {
      streams.set(streamKey(labels), labels);
    }
    indexed += (await client.stats(selector, window, signal))?.bytes ?? 0;
  }
  const label = groupLabel([...streams.values()].flatMap((labels) => Object.keys(labels)));
  const groups = new Map<string, Group>();
  const groupOf = (value: string): Group => {
    const group = groups.get(value) ?? { streams: 0, bytes: 0, lines: 0 };
    groups.set(value, group);
    return group;
  };
  if (label === undefined) return { items: [], notices };
  for (const labels of streams.values()) groupOf(labels[label] ?? '').streams++;
  const counted = await count(client, { query, label, windows, indexed, signal }, groupOf);
  const items = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, group]) => itemOf(label, value, group, counted));
  const retried = client.retries.notice();
  return {
    items,
    notices: [...notices, ...(counted ? [] : [uncounted(indexed)]), ...(retried ? [retried] : [])],
  };
}

interface Counting {
  readonly query: string;
  readonly label: string;
  readonly windows: readonly TimeWindow[];
  readonly indexed: number;
  readonly signal: AbortSignal;
}

/** Bytes of the index, and lines as Loki counts them; false where it did not. */
async function count(
  client: LokiClient,
  { query, label, windows, indexed, signal }: Counting,
  groupOf: (value: string) => Group,
): Promise<boolean> {
  for (const window of windows) {
    const volume = await client.volume(selectorOf(query), label, window, signal);
    for (const [value, bytes] of volume ?? []) groupOf(value).bytes += bytes;
  }
  if (indexed > COUNT_UP_TO) return false;
  try {
    for (const window of windows) {
      const lines = await client.count(query, window, signal, label);
      for (const [value, n] of lines) groupOf(value).lines += n;
    }
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

function itemOf(label: string, value: string, group: Group, counted: boolean): CatalogItem {
  const { streams, bytes, lines } = group;
  const size = bytes === 0 ? '' : `, ${(bytes / 1e6).toPrecision(3)} MB`;
  return {
    id: matcherOf(label, '=', value),
    title: value === '' ? `without ${label}` : value,
    signal: 'logs',
    count: counted ? lines : null,
    unit: 'lines',
    mapping: `${streams} streams${size}`,
    selected: true,
  };
}

function uncounted(bytes: number): Notice {
  const gigabytes = (bytes / 1e9).toPrecision(3);
  return {
    code: 'not-counted',
    severity: 'info',
    count: 1,
    message: `Lines were not counted: Loki would read all of them (${gigabytes} GB by its index), or refused to.`,
  };
}
