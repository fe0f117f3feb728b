import type { TimeWindow } from '../../base';
import { disjointWindows } from '../budget';
import type { Catalog, CatalogItem } from '../seam';
import { discoverNamed } from './named';
import { DEPENDENCIES, itemOf } from './pull';
import type { TraceStore } from './store';

/** Traces looked at to count them; where there are more, the list gives no number. */
const COUNT_UP_TO = 100;

/**
 * The services of a store with their traces in the windows, and the calls between them where it counts those; or the
 * traces that are `named`, whenever they were.
 */
export async function discoverTraces(
  store: TraceStore,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
  named: readonly string[] = [],
): Promise<Catalog> {
  if (named.length > 0) return discoverNamed(store, named, signal);
  const items: CatalogItem[] = [];
  for (const service of await store.services(signal, disjointWindows(windows))) {
    items.push({
      id: itemOf(service),
      title: service,
      signal: 'spans',
      count: await countOf(store, service, windows, signal),
      unit: 'traces',
      selected: !store.isOwn(service),
    });
  }
  if (store.calls) {
    items.push({
      id: DEPENDENCIES,
      title: `Calls between services, as ${store.name} counts them`,
      signal: 'topology',
      count: null,
      unit: 'calls',
      selected: true,
    });
  }
  const retried = store.retries.notice();
  return { items, notices: retried ? [retried] : [] };
}

async function countOf(
  store: TraceStore,
  service: string,
  windows: readonly TimeWindow[],
  signal: AbortSignal,
): Promise<number | null> {
  let count = 0;
  for (const slice of disjointWindows(windows)) {
    const limit = COUNT_UP_TO + 1;
    const asked = { services: [service], slice, limit };
    const { traces, full } = await store.traces(asked, signal);
    if (full === true || traces.length > COUNT_UP_TO) return null;
    count += traces.length;
  }
  return count;
}
