import { FaultlineError } from '../../core/base';
import { RetryCount, type ConnectorEnv, type Probe } from '../../core/connect';
import type { Notice } from '../../core/model';
import { Client, healthAnswer, isPartial, nodesAnswer, rootAnswer, statusOf } from './api';
import { healthOf, redNotice } from './indices';

export interface Identity {
  readonly product: 'elasticsearch' | 'opensearch';
  /** "8.19.21"; '' where the cluster does not say. */
  readonly version: string;
}

const TITLES = { elasticsearch: 'Elasticsearch', opensearch: 'OpenSearch' } as const;

/**
 * Which of the two it is: Elasticsearch sends a header of its own since 7.14, OpenSearch names itself as
 * the distribution. Neither: an older Elasticsearch, or something else, which is 'connector/bad-answer'.
 */
export async function identify(client: Client): Promise<Identity> {
  const response = await client.raw({ method: 'GET', path: '/' }, [400, 403, 404, 405]);
  const elastic = response.headers['x-elastic-product'] === 'Elasticsearch';
  const root = response.status < 300 ? rootAnswer.safeParse(json(response.body)) : undefined;
  if (root?.success) {
    const { number, distribution } = root.data.version;
    const product = distribution === 'opensearch' ? 'opensearch' : 'elasticsearch';
    return { product, version: number };
  }
  if (response.status < 300 && !elastic) throw unknownBackend();
  const version = await versionOfNodes(client);
  if (!elastic && version === '') throw unknownBackend();
  return { product: elastic ? 'elasticsearch' : 'opensearch', version };
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** For a sign-in that may not read `/`, and builds without it. */
async function versionOfNodes(client: Client): Promise<string> {
  const query = [['filter_path', 'nodes.*.version']] as const;
  try {
    const { nodes } = await client.call({ method: 'GET', path: '/_nodes', query }, nodesAnswer);
    return Object.values(nodes)[0]?.version ?? '';
  } catch (error) {
    if (!isPartial(error)) throw error;
    return '';
  }
}

function unknownBackend(): FaultlineError {
  return new FaultlineError(
    'connector/bad-answer',
    'This does not answer like Elasticsearch or OpenSearch. Is it the right address?',
  );
}

export async function probe(env: ConnectorEnv, signal: AbortSignal): Promise<Probe> {
  const client = new Client(env, signal, new RetryCount());
  const { product, version } = await identify(client);
  const notices: Notice[] = [];
  const facts: string[] = [];
  try {
    const request = { method: 'GET', path: '/_cluster/health' } as const;
    const health = await client.call(request, healthAnswer);
    facts.push(`Cluster ${health.cluster_name}: ${health.status}, ${health.number_of_nodes} nodes`);
  } catch (error) {
    if (!isPartial(error)) throw error;
    facts.push(`Health is not to be seen (status ${statusOf(error)})`);
  }
  const { red, rows } = await healthOf(client, '*');
  if (rows) facts.push(`${rows.filter(({ hidden }) => !hidden).length} indices`);
  const names = [...red].filter((name) => !name.startsWith('ds:'));
  if (names.length > 0) notices.push(redNotice(names));
  return { product: `${TITLES[product]} ${version}`.trim(), version, facts, notices };
}
