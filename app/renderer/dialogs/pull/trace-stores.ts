import { traceIdsIn } from '../../../../core/model';
import { endpointOf, type Connection } from '../../../../core/host';
import type { ConnectorInfo } from '../../../../core/session';
import type { SourceInfo } from '../../../../core/store';

type Config = Readonly<Record<string, string>>;

/** Settings that name what to pull: they belong to a pull, not to the backend that is kept. */
export function namedIn(
  config: Config,
  connector: Pick<ConnectorInfo, 'fields'> | undefined,
): Config {
  const names = connector?.fields.filter(({ timeless }) => timeless).map(({ name }) => name) ?? [];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = config[name]?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** The others. */
export function settingsIn(
  config: Config,
  connector: Pick<ConnectorInfo, 'fields'> | undefined,
): Config {
  const named = connector?.fields.filter(({ timeless }) => timeless).map(({ name }) => name) ?? [];
  return Object.fromEntries(Object.entries(config).filter(([name]) => !named.includes(name)));
}

/** Whether a kind of backend can be asked for single traces. */
export const hasTraces = (connector: Pick<ConnectorInfo, 'fields'> | undefined): boolean =>
  connector?.fields.some(({ name, timeless }) => timeless && name === 'trace') ?? false;

/** Kinds of backend that can be asked for single traces: those that keep traces before those that keep them, too. */
export function traceKinds(connectors: readonly ConnectorInfo[]): readonly ConnectorInfo[] {
  const others = ({ signals }: ConnectorInfo): boolean => signals.includes('logs');
  const kinds = connectors.filter(hasTraces);
  return [...kinds.filter((kind) => !others(kind)), ...kinds.filter(others)];
}

/** What is wrong with trace ids as typed; undefined where nothing is. */
export const traceFault = (text: string): string | undefined =>
  text.trim() === '' || traceIdsIn(text)
    ? undefined
    : 'Trace ids are 32 or 16 hex digits each, or a traceparent.';

/**
 * Backends that are kept and can be asked for single traces: those that keep traces before search clusters, of each
 * those first that the case was pulled from last.
 */
export function traceStores(
  connections: readonly Connection[],
  connectors: readonly ConnectorInfo[],
  sources: readonly Pick<SourceInfo, 'connector' | 'endpoint' | 'pulledAt'>[],
): readonly Connection[] {
  const lastUse = (one: Connection): bigint =>
    sources.reduce(
      (last, { connector, endpoint, pulledAt }) =>
        connector === one.connector && endpoint === endpointOf(one) && pulledAt > last
          ? pulledAt
          : last,
      -1n,
    );
  const found = connections
    .map((store, at) => ({ store, at, last: lastUse(store) }))
    .sort((a, b) => (a.last === b.last ? b.at - a.at : a.last < b.last ? 1 : -1))
    .map(({ store }) => store);
  const kinds = traceKinds(connectors);
  const ofLogs = new Set(
    kinds.filter(({ signals }) => signals.includes('logs')).map(({ id }) => id),
  );
  const stores = found.filter(({ connector }) => kinds.some(({ id }) => id === connector));
  return [
    ...stores.filter(({ connector }) => !ofLogs.has(connector)),
    ...stores.filter(({ connector }) => ofLogs.has(connector)),
  ];
}
