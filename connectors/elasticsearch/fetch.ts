import { z } from 'zod';
import type { JsonObject } from '../../core/connect';
import type { Notice } from '../../core/model';
import { isPartial, pathOf, sourcesAnswer, type Client, type Hit, type Json } from './api';
import { fieldOf } from './document';
import type { Fields } from './recognise';
import { docvalueFields, type TimeField } from './time-field';

/** A search is refused more than 100 fields of columns (`index.max_docvalue_fields_search`). */
const MOST_COLUMNS = 90;

export const fetchSchema = z.object({
  /** Fields that the index's columns give. */
  columns: z.array(z.string()),
  /** Fields that are computed when a search asks for them. */
  computed: z.array(z.string()),
  /** Fields that are stored beside the source come too. */
  stored: z.boolean(),
});
/** What of documents their source does not give: plain data, so that a cursor can carry it. */
export type Fetch = z.output<typeof fetchSchema>;

/** How the mapping of one index keeps documents. */
export interface SourceInfo {
  readonly off: boolean;
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  readonly computed: readonly string[];
}

/** Indices whose documents' source lacks something; nothing where the sign-in may not ask. */
export async function sourcesOf(
  client: Client,
  pattern: string,
): Promise<ReadonlyMap<string, SourceInfo>> {
  const found = new Map<string, SourceInfo>();
  const parts = ['_source', 'runtime', 'derived'].map((part) => `*.mappings.${part}`);
  const query = [
    ['expand_wildcards', 'open,hidden'],
    ['ignore_unavailable', 'true'],
    ['filter_path', parts.join(',')],
  ] as const;
  try {
    const path = `/${pathOf(pattern)}/_mapping`;
    const answer = await client.call({ method: 'GET', path, query }, sourcesAnswer);
    for (const [name, { mappings }] of Object.entries(answer)) {
      const { enabled = true, includes = [], excludes = [] } = mappings.source;
      const computed = [mappings.runtime, mappings.derived].flatMap((all) =>
        Object.keys(all ?? {}),
      );
      found.set(name, { off: !enabled, includes, excludes, computed });
    }
  } catch (error) {
    if (!isPartial(error)) throw error;
  }
  return found;
}

const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}(\\..*)?$`).test(name);
  });

/** What to ask for beside the source of a group's documents, and what nobody can have. */
export function fetchOf(
  infos: readonly SourceInfo[],
  fields: Fields,
): { readonly fetch: Fetch; readonly lost: readonly string[] } | undefined {
  const computed = [...new Set(infos.flatMap((info) => info.computed))].sort();
  const lacking = [...fields.names()].filter(
    (name) =>
      !computed.includes(name) &&
      infos.some(
        ({ off, includes, excludes }) =>
          off || matches(name, excludes) || (includes.length > 0 && !matches(name, includes)),
      ),
  );
  if (lacking.length === 0 && computed.length === 0) return undefined;
  const columns = fields.byRole(lacking.filter((name) => fields.inColumns(name)));
  const kept = new Set(columns.slice(0, MOST_COLUMNS));
  const lost = lacking.filter((name) => !kept.has(name) && !kept.has(`${name}.keyword`));
  const fetch = { columns: [...kept], computed, stored: lacking.length > 0 };
  return { fetch, lost };
}

export function lostNotice(id: string, { columns }: Fetch, lost: readonly string[]): Notice {
  const some = lost.slice(0, 8).join(', ') + (lost.length > 8 ? ', …' : '');
  const missing =
    lost.length === 0
      ? 'nothing is lost by it'
      : `${lost.length} can't be had unless they are stored: ${some}`;
  const message =
    `${id} keeps documents without all of their source. ${columns.length} of their fields come from the ` +
    `index's columns, where lists are sorted; ${missing}.`;
  const severity = lost.length > 0 ? 'warning' : 'info';
  return { code: 'source-incomplete', severity, count: lost.length, message, detail: { item: id } };
}

/** What a search asks for beside its query. */
export function wantedOf(time: TimeField | undefined, fetch: Fetch | undefined): Json {
  const columns = fetch?.columns.filter((name) => name !== time?.name) ?? [];
  const docvalues = [...(time ? docvalueFields(time) : []), ...columns];
  return {
    ...(docvalues.length > 0 ? { docvalue_fields: docvalues } : {}),
    ...(fetch && fetch.computed.length > 0 ? { fields: fetch.computed } : {}),
    ...(fetch?.stored ? { stored_fields: ['*'], _source: true } : {}),
  };
}

/** A document with what its source lacks. */
export function documentOf({ source, fields }: Hit, fetch: Fetch | undefined): JsonObject {
  if (fetch === undefined || fields === undefined) return source;
  const whole: Record<string, unknown> = { ...source };
  const names = Object.keys(fields).sort((a, b) => a.length - b.length);
  for (const name of names) {
    const values = fields[name] ?? [];
    // A text has no column, the keyword beside it has.
    const text = name.endsWith('.keyword') ? name.slice(0, -'.keyword'.length) : name;
    if (fieldOf(whole, text) === undefined) whole[text] = values.length === 1 ? values[0] : values;
  }
  return whole;
}
