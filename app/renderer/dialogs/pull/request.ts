import { parseInstant, type TimeWindow } from '../../../../core/base';
import type { CatalogItem } from '../../../../core/connect';
import type { Connection } from '../../../../core/host';
import type { ConnectorInfo } from '../../../../core/session';
import { plural } from '../../ui';
import { accessFormOf, accessOf, lackingAccess, type AccessForm } from './access';
import { addressFault, hostOf, parseAddress } from './address';
import { settingsIn, traceFault } from './trace-stores';

/** What stands in the form. */
export interface BackendForm extends AccessForm {
  /** '' for a backend that is not kept yet. */
  readonly id: string;
  readonly connector: string;
  readonly name: string;
  readonly url: string;
  readonly caFile: string;
  readonly config: Readonly<Record<string, string>>;
}

export function emptyForm(connector: string): BackendForm {
  const access = { auth: 'none', secrets: {}, access: {}, headers: [] } as const;
  return { id: '', connector, name: '', url: '', caFile: '', config: {}, ...access };
}

export function formOf(connection: Connection): BackendForm {
  return { ...connection, ...accessFormOf(connection) };
}

/** The form with a sign-in that was pasted into the address moved to where it belongs. */
export function settled(form: BackendForm): BackendForm {
  const address = parseAddress(form.url);
  if (!address) return form;
  const { url, username, password } = address;
  if (username === '') return { ...form, url };
  return { ...form, url, auth: 'basic', secrets: { ...form.secrets, username, password } };
}

/**
 * What the form still lacks, in a sentence; undefined where it can be asked. `kept` says that the host has
 * credentials of this kind for it.
 */
export function lacking(
  form: BackendForm,
  connector: ConnectorInfo | undefined,
  kept: boolean,
): string | undefined {
  if (!connector) return 'Choose a kind of backend.';
  if (form.url.trim() === '') return `Give its address, such as ${connector.exampleUrl}.`;
  const fault = addressFault(form.url, connector.exampleUrl);
  if (fault) return fault;
  const field = connector.fields.find((f) => f.required && !form.config[f.name]?.trim());
  if (field) return `${field.label} is needed.`;
  const ill = traceFault(form.config['trace'] ?? '');
  if (ill) return ill;
  return lackingAccess(form, kept);
}

/** What a backend is called while nobody calls it something else. */
export function usualName(title: string, address: string): string {
  return `${title.toLowerCase()}, ${hostOf(address)}`;
}

/** The form after a change: a name that only says the address goes with it. */
export function edited(
  form: BackendForm,
  change: Partial<BackendForm>,
  title: string,
): BackendForm {
  const usual = change.url !== undefined && form.name === usualName(title, form.url);
  return { ...form, name: usual ? '' : form.name, ...change };
}

/**
 * What is kept of a form: never a secret, nor what names single things to pull. Empty fields fall out, so that defaults
 * apply.
 */
export function connectionOf(
  form: BackendForm,
  id: string,
  kind: Pick<ConnectorInfo, 'title' | 'fields'>,
): Connection {
  const config = Object.fromEntries(
    Object.entries(settingsIn(form.config, kind)).filter(([, value]) => value.trim() !== ''),
  );
  const { connector, url, auth, caFile } = form;
  const access = accessOf(form);
  const name = form.name.trim() === '' ? usualName(kind.title, url) : form.name.trim();
  const plain = { id, connector, name, url, auth, caFile: caFile.trim(), config };
  return access === undefined ? plain : { ...plain, access };
}

/** From and to as typed; a text where they are no window. */
export function typedWindow(from: string, to: string, now: bigint): TimeWindow | string {
  const one = (text: string, which: string): bigint | string => {
    if (text.trim() === '') return `Give the ${which}.`;
    try {
      return parseInstant(text, now);
    } catch {
      return `The ${which} is no time: 2026-11-21T14:02:10Z, epoch seconds, or now-2h.`;
    }
  };
  const start = one(from, 'beginning');
  const end = one(to, 'end');
  if (typeof start === 'string') return start;
  if (typeof end === 'string') return end;
  return end > start ? { from: start, to: end } : 'The window ends before it begins.';
}

export const BASELINES = [
  { id: 'previous', title: 'the time just before' },
  { id: '-1d', title: 'a day earlier' },
  { id: '-1w', title: 'a week earlier' },
] as const;
export type BaselineId = (typeof BASELINES)[number]['id'];

const DAY = 86_400_000_000_000n;

/** Another window of the same length to compare with, as `faultline pull --baseline` takes it. */
export function baselineOf({ from, to }: TimeWindow, id: BaselineId): TimeWindow {
  const back = id === 'previous' ? to - from : id === '-1d' ? DAY : 7n * DAY;
  return { from: from - back, to: to - back };
}

/** The stretch to pull around an incident: half its length more on either side. */
export function around({ from, to }: TimeWindow): TimeWindow {
  const more = (to - from) / 2n;
  return { from: from - more, to: to + more };
}

/** Items whose id, title or mapping holds every word typed. */
export function filterItems(items: readonly CatalogItem[], text: string): readonly CatalogItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter(({ id, title, signal, mapping = '' }) => {
    const hay = `${id} ${title} ${signal} ${mapping}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

/** Ids to ask for; undefined where it is what the backend itself would choose. */
export function selectionOf(
  items: readonly CatalogItem[],
  chosen: ReadonlySet<string>,
): readonly string[] | undefined {
  const same = items.every(({ id, selected }) => chosen.has(id) === selected);
  return same ? undefined : items.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
}

/** "samples: 412 series in 120 metrics; logs: 31 208 documents", of what is chosen. */
export function selectionText(items: readonly CatalogItem[], chosen: ReadonlySet<string>): string {
  const sums = new Map<string, { count: number; unknown: boolean; items: number }>();
  for (const { id, signal, unit, count } of items) {
    if (!chosen.has(id)) continue;
    const key = `${signal}\n${unit}`;
    const sum = sums.get(key) ?? { count: 0, unknown: false, items: 0 };
    sums.set(key, {
      count: sum.count + (count ?? 0),
      unknown: sum.unknown || count === null,
      items: sum.items + 1,
    });
  }
  return [...sums]
    .map(([key, { count, unknown }]) => {
      const [signal = '', unit = ''] = key.split('\n');
      const amount = plural(count, unit.replace(/s$/, ''), unit);
      if (unknown && count === 0) return `${signal}: not counted`;
      return `${signal}: ${unknown ? `more than ${amount}` : amount}`;
    })
    .join('; ');
}

/** Rows as typed ("1 000 000", "200k", "2M"); undefined where it is no count. */
export function parseBudget(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text.replace(/[\s_,\u202f]/g, ''));
  if (!match) return undefined;
  const rows = Number(match[1]) * (match[2] === 'M' ? 1e6 : match[2] === 'k' ? 1e3 : 1);
  return Number.isInteger(rows) && rows > 0 ? rows : undefined;
}
