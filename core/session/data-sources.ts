import { z } from 'zod';
import { FaultlineError } from '../base';
import { sendJson, type ConnectorEnv, type ConnectorFactory } from '../connect';

/** One data source of Grafana's that a connector can be asked through. */
export interface DataSource {
  readonly uid: string;
  readonly name: string;
  /** Grafana's word for its kind: "prometheus", "grafana-opensearch-datasource". */
  readonly type: string;
  /** Id of the connector. */
  readonly connector: string;
}

const source = z.object({
  /** Older versions have the number alone. */
  uid: z.string().optional(),
  id: z.number().optional(),
  name: z.string(),
  type: z.string(),
});
const listSchema = z.array(source);
/** By name; what every signed-in person's page is started with. */
const settingsSchema = z.object({
  datasources: z.record(z.string(), source.partial({ name: true })),
});

/**
 * Data sources that Grafana lets this token see, of kinds that a connector can ask, by name. `/api/datasources` wants
 * more than a viewer's permission; where that is not given, the settings of Grafana's pages list them as well.
 */
export async function dataSourcesOf(
  env: ConnectorEnv,
  connectors: readonly Pick<ConnectorFactory, 'id' | 'grafanaTypes'>[],
  signal: AbortSignal,
): Promise<readonly DataSource[]> {
  const get = (path: string) => ({ method: 'GET', path }) as const;
  let found: z.infer<typeof listSchema>;
  try {
    found = await sendJson(env, get('/api/datasources'), listSchema, { signal });
  } catch (error) {
    const status = error instanceof FaultlineError ? error.detail?.['status'] : undefined;
    if (status !== 403) throw error;
    const settings = await sendJson(env, get('/api/frontend/settings'), settingsSchema, { signal });
    found = Object.entries(settings.datasources).map(([name, one]) => ({ name, ...one }));
  }
  return found
    .flatMap(({ uid, id, name, type }) => {
      const connector = connectors.find(({ grafanaTypes }) => grafanaTypes?.includes(type))?.id;
      const key = uid ?? id?.toString();
      return connector === undefined || key === undefined
        ? []
        : [{ uid: key, name, type, connector }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
