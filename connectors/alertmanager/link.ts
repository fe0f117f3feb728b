import {
  addressAbove,
  labelMatchers,
  type LinkPlace,
  type LinkSource,
  type PageLink,
  type PullLink,
} from '../../core/connect';

const MATCHER =
  /[\w.:]+\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*"\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"/g;

/** The alerts of Alertmanager's pages (`/#/alerts?filter={…}`): its matchers. */
export function readLink(url: URL): PullLink | undefined {
  const page = /^#\/alerts\b(?:\?(.*))?$/.exec(url.hash);
  const base = page ? addressAbove(url, /\/?$/) : undefined;
  if (!page || base === undefined) return undefined;
  const filter = new URLSearchParams(page[1] ?? '').get('filter') ?? '';
  const matchers = filter.match(MATCHER) ?? [];
  const lacks = 'Its address names no stretch of time.';
  const config = matchers.length === 0 ? undefined : { filter: matchers.join('\n') };
  return {
    connector: 'alertmanager',
    url: base,
    title: 'alerts of Alertmanager',
    config: { ...config },
    lacks,
  };
}

/** The alert among those that fire now, silenced and inhibited ones included; it keeps no others. */
export function linkTo({ url, grafana }: LinkSource, place: LinkPlace): PageLink | undefined {
  if (place.kind !== 'alert' || grafana !== undefined) return undefined;
  const filter = `{${labelMatchers(place.labels).join(', ')}}`;
  const shown = 'silenced=true&inhibited=true&active=true';
  const address = `${url}/#/alerts?${shown}&filter=${encodeURIComponent(filter)}`;
  return { product: 'Alertmanager', url: address };
}
