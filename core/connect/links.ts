import { traceIdsIn } from '../model';
import type { ConnectorFactory, LinkSource, PullLink } from './seam';

/** An address as it is pasted, also without its scheme; undefined for what is none. */
function parsed(text: string): URL | undefined {
  const typed = text.trim();
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) && !/^[\w.-]+(:\d+)?\//.test(typed)) return undefined;
  try {
    const url = new URL(typed.includes('://') ? typed : `http://${typed}`);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** What a pasted address of a backend's page asks for; undefined for a plain address. */
export function readLink(
  text: string,
  connectors: readonly Pick<ConnectorFactory, 'readLink'>[],
): PullLink | undefined {
  const url = parsed(text);
  if (!url) return undefined;
  for (const { readLink: read } of connectors) {
    const link = read?.(url);
    if (link) return link;
  }
  return undefined;
}

/** The address above a page's: scheme, sign-in, host and the path before `page` ("/graph"). */
export function addressAbove(url: URL, page: RegExp): string | undefined {
  const found = page.exec(url.pathname);
  if (!found) return undefined;
  const signIn = url.username === '' ? '' : `${url.username}:${url.password}@`;
  const path = url.pathname.slice(0, found.index).replace(/\/$/, '');
  return `${url.protocol}//${signIn}${url.host}${path}`;
}

const ID = /\/[0-9a-f]{16,32}\/?$/i;

/** The address of one trace's page: that of the store, above `page` ("/trace/"), and the setting that names the trace. */
export function traceOfAddress(
  url: URL,
  page: RegExp,
): { readonly url: string; readonly config: { readonly trace: string } } | undefined {
  const above = addressAbove(url, new RegExp(page.source + ID.source, 'i'));
  const [id] = traceIdsIn(url.pathname.split('/').filter(Boolean).at(-1) ?? '') ?? [];
  return above === undefined || id === undefined
    ? undefined
    : { url: above, config: { trace: id } };
}

const GRAFANA_PROXY = /\/api\/datasources\/proxy\/(?:uid\/)?([\w-]+)$/;

/**
 * Where a source was asked, from the address that its case names (a case may be a stranger's); undefined for what is
 * no page's neighbour: files, buckets, brokers.
 */
export function linkSourceOf(
  endpoint: string,
  config: Readonly<Record<string, string>>,
): LinkSource | undefined {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    return undefined;
  }
  if (!/^https?:$/.test(url.protocol)) return undefined;
  const address = `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
  const grafana = GRAFANA_PROXY.exec(address);
  if (!grafana) return { url: address, config };
  return { url: address.slice(0, grafana.index), grafana: grafana[1], config };
}
