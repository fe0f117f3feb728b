import type { Notice } from '../../core/model';
import {
  catAnswer,
  isPartial,
  pathOf,
  resolveAnswer,
  searchAnswer,
  settingsAnswer,
  statusOf,
  type Client,
} from './api';
import type { IndexInfo, Named } from './groups';

/** What holds alerts hides behind a dot, and is listed all the same. */
const ALERTS =
  /^(?:[^:]+:)?\.(?:internal\.)?(?:alerts-|watcher-history-|opendistro-alerting-alert)/;

export interface Indices {
  readonly indices: readonly IndexInfo[];
  /** Data streams, and aliases of indices that are not listed themselves. */
  readonly named: readonly Named[];
  readonly redNames: ReadonlySet<string>;
  readonly frozen: ReadonlySet<string>;
  /** Indices whose source is rebuilt from columns when it is read. */
  readonly rebuilt: ReadonlySet<string>;
  readonly notices: readonly Notice[];
}

/** What there is: by pattern, else everything that is not hidden, with the indices of alerts. */
export async function indicesOf(client: Client, index: string | undefined): Promise<Indices> {
  const pattern = index ?? '*';
  const { red, rows } = await healthOf(client, pattern);
  const query = [['expand_wildcards', 'open,closed,hidden']] as const;
  const path = `/_resolve/index/${pathOf(pattern)}`;
  const shown = (name: string, hidden: boolean): boolean =>
    index !== undefined || ALERTS.test(name) || !(hidden || name.startsWith('.'));
  try {
    const answer = await client.call({ method: 'GET', path, query }, resolveAnswer);
    const all = answer.indices.map(({ name, attributes, data_stream: dataStream }) => ({
      name,
      open: attributes.includes('open'),
      hidden: attributes.includes('hidden'),
      frozen: attributes.includes('frozen'),
      dataStream,
    }));
    const indices = all.filter(({ name, hidden }) => shown(name, hidden));
    const streams = answer.data_streams
      .filter(({ name }) => shown(name, false))
      .map(({ name, backing_indices: members }) => ({ name, members: [name, ...members] }));
    const listed = new Set([...indices, ...streams].map(({ name }) => name));
    const visible = answer.aliases.filter(({ name }) => shown(name, false));
    const aliases = aliasesOf(visible, listed);
    const notices = [...stateNotices(indices, red), ...aliases.notices];
    if (pattern.includes(':')) notices.push(...(await absentClusters(client, pattern)));
    const settings = await settingsOf(client, pattern);
    const named = [...streams, ...aliases.named];
    const frozen = new Set([
      ...all.filter((one) => one.frozen).map(({ name }) => name),
      ...settings.frozen,
    ]);
    notices.push(...frozenNotices(indices, frozen));
    return { indices, named, redNames: red, frozen, rebuilt: settings.rebuilt, notices };
  } catch (error) {
    // Before 7.9 there is no such call; 404 is also a name that is not there.
    if (![400, 404, 405].includes(statusOf(error)) || rows === undefined) throw error;
    const indices = rows.filter(({ name, hidden }) => shown(name, hidden));
    const { frozen, rebuilt } = await settingsOf(client, pattern);
    const notices = [...stateNotices(indices, red), ...frozenNotices(indices, frozen)];
    return { indices, named: [], redNames: red, frozen, rebuilt, notices };
  }
}

/** Aliases of indices that are not listed already; one that overlaps would bring its documents twice. */
function aliasesOf(
  aliases: readonly { readonly name: string; readonly indices: readonly string[] }[],
  listed: ReadonlySet<string>,
): { named: readonly Named[]; notices: readonly Notice[] } {
  const named: Named[] = [];
  const overlapping: string[] = [];
  const taken = new Set(listed);
  for (const { name, indices } of aliases) {
    // Of another cluster, only the alias itself has the cluster's name.
    const cluster = /^[^:]+:/.exec(name)?.[0] ?? '';
    const members = indices.map((member) =>
      member.startsWith(cluster) ? member : cluster + member,
    );
    const there = members.filter((member) => taken.has(member)).length;
    if (there === 0) {
      named.push({ name, members });
      for (const member of members) taken.add(member);
    } else if (there < members.length) overlapping.push(name);
  }
  if (overlapping.length === 0) return { named, notices: [] };
  const message =
    `${some(overlapping)} ${overlapping.length === 1 ? 'is an alias' : 'are aliases'} whose indices ` +
    'are in part listed already, and left out so that no document comes twice. Give it alone to read it.';
  const code = 'alias-overlaps';
  return {
    named,
    notices: [{ code, severity: 'warning', count: overlapping.length, message }],
  };
}

/** Clusters of a pattern that did not answer: the list of indices leaves them out without a word. */
async function absentClusters(client: Client, pattern: string): Promise<readonly Notice[]> {
  const query = [
    ['ignore_unavailable', 'true'],
    ['expand_wildcards', 'open,hidden'],
  ] as const;
  const body = { size: 0, track_total_hits: false };
  const request = { method: 'POST', path: `/${pathOf(pattern)}/_search`, query, body } as const;
  try {
    const { clusters } = await client.call(request, searchAnswer, { giveUpOn: [503] });
    if (clusters === undefined || clusters.missing === 0) return [];
    const names = clusters.names.length > 0 ? `: ${some(clusters.names)}` : '';
    const message =
      `${clusters.missing} of ${clusters.total} clusters did not answer, so nothing of them ` +
      `is here${names}.`;
    return [{ code: 'clusters-skipped', severity: 'warning', count: clusters.missing, message }];
  } catch (error) {
    if (!isPartial(error)) throw error;
    const message = `Some of the clusters of ${pattern} cannot be searched: ${String(error)}`;
    return [{ code: 'clusters-skipped', severity: 'warning', count: 1, message }];
  }
}

interface Settings {
  readonly rebuilt: ReadonlySet<string>;
  readonly frozen: ReadonlySet<string>;
}

/** What indices say of themselves; a sign-in may lack the right to ask, as another cluster may. */
async function settingsOf(client: Client, pattern: string): Promise<Settings> {
  const paths = ['frozen', 'mode', 'mapping.source.mode', 'store.snapshot.partial'];
  const query = [
    ['expand_wildcards', 'open,hidden'],
    ['ignore_unavailable', 'true'],
    ['filter_path', paths.map((path) => `*.settings.index.${path}`).join(',')],
  ] as const;
  const rebuilt = new Set<string>();
  const frozen = new Set<string>();
  try {
    const path = `/${pathOf(pattern)}/_settings`;
    const answer = await client.call({ method: 'GET', path, query }, settingsAnswer);
    for (const [name, { settings }] of Object.entries(answer)) {
      const { index } = settings;
      const synthetic = /^(logsdb|time_series)$/.test(index.mode ?? '');
      if ((index.mapping?.source?.mode ?? (synthetic ? 'synthetic' : '')) === 'synthetic') {
        rebuilt.add(name);
      }
      if (index.frozen === 'true' || index.store?.snapshot?.partial === 'true') frozen.add(name);
    }
  } catch (error) {
    if (!isPartial(error)) throw error;
  }
  return { rebuilt, frozen };
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
      frozen: false,
    }));
    return { red, rows: infos };
  } catch (error) {
    if (!isPartial(error)) throw error;
    return { red: new Set() };
  }
}

function stateNotices(indices: readonly IndexInfo[], redNames: ReadonlySet<string>): Notice[] {
  const closed = indices.filter(({ open }) => !open).map(({ name }) => name);
  const red = [...redNames].filter((name) => !name.startsWith('ds:'));
  const notices: Notice[] = [];
  if (closed.length > 0) {
    notices.push(warning('index-closed', closed, 'are closed and cannot be read'));
  }
  if (red.length > 0) notices.push(redNotice(red));
  return notices;
}

export function redNotice(names: readonly string[]): Notice {
  return warning('index-red', names, 'have shards that are not available; rows may be missing');
}

function frozenNotices(indices: readonly IndexInfo[], frozen: ReadonlySet<string>): Notice[] {
  const names = indices.map(({ name }) => name).filter((name) => frozen.has(name));
  if (names.length === 0) return [];
  const what = 'are frozen: they are searched too, which may take long';
  return [{ ...warning('index-frozen', names, what), severity: 'info' }];
}

function warning(code: string, names: readonly string[], what: string): Notice {
  const message = `${names.length} indices ${what}: ${some(names)}.`;
  return { code, severity: 'warning', count: names.length, message };
}

function some(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
}
