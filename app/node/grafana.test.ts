import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectors } from '../../connectors';
import { startGrafana } from '../../core/connect/testing/grafana';
import { testEnv } from '../../core/connect/testing/upstreams';
import { send } from '../../core/connect';
import { dataSourcesOf } from '../../core/session';
import { createUpstream } from './http-undici';

const tokens = { admin: 'glsa_admin', viewer: 'glsa_viewer' };
let grafana: Awaited<ReturnType<typeof startGrafana>>;
const backend = createServer((request, response) => {
  if (request.url?.startsWith('/secret')) response.writeHead(401).end();
  else if (request.url?.startsWith('/own-403')) response.writeHead(403).end('{"error":"no"}');
  else response.end('fine');
});

beforeAll(async () => {
  await new Promise<void>((done) => void backend.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const source = (id: number, uid: string, type: string, at = url) => {
    return { id, uid, type, name: `the ${uid}`, url: at };
  };
  grafana = await startGrafana(
    [
      source(1, 'prom', 'prometheus'),
      source(2, 'es', 'elasticsearch'),
      source(3, 'os', 'grafana-opensearch-datasource'),
      source(4, 'sql', 'mysql'),
      source(5, 'dead', 'prometheus', 'http://127.0.0.1:9'),
    ],
    tokens,
  );
});
afterAll(async () => {
  backend.close();
  backend.closeAllConnections();
  await grafana.close();
});

const connect = (dataSource: string, connector = 'prometheus', token = tokens.viewer) =>
  createUpstream({
    connector,
    url: grafana.url,
    credentials: { token },
    access: { grafana: dataSource },
  }).upstream;
const get = (path: string) => ({ method: 'GET', path }) as const;
const caught = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe("through a local proxy by Grafana's documented rules (no Grafana can be had)", () => {
  it('data sources are listed, for a viewer too', async () => {
    const signal = new AbortController().signal;
    for (const token of [tokens.admin, tokens.viewer]) {
      const env = testEnv(connect('', 'prometheus', token));
      expect(await dataSourcesOf(env, connectors, signal)).toEqual([
        { uid: 'dead', name: 'the dead', type: 'prometheus', connector: 'prometheus' },
        { uid: 'es', name: 'the es', type: 'elasticsearch', connector: 'elasticsearch' },
        { uid: 'os', name: 'the os', type: 'grafana-opensearch-datasource', connector: 'elasticsearch' },
        { uid: 'prom', name: 'the prom', type: 'prometheus', connector: 'prometheus' },
      ]); // prettier-ignore
    }
    const stranger = testEnv(connect('', 'prometheus', 'wr0ng'));
    const error = await caught(dataSourcesOf(stranger, connectors, signal));
    expect(error).toMatchObject({ code: 'connector/auth' });
    expect(String(error)).not.toContain('wr0ng');
  });

  it.each([
    ['a token that Grafana does not know', 'prom', '/x', 'wr0ng', 'connector/auth', /does not know this token/],
    ['a data source that is not there', 'none', '/x', undefined, 'connector/refused', /no data source "none"/],
    ['no data source', '', '/x', undefined, 'connector/config', /Choose the data source/],
    ['a backend that Grafana cannot sign in to', 'prom', '/secret', undefined, 'connector/auth', /Grafana itself may not sign in/],
  ])('%s has an error of its own', async (_, source, path, token, code, why) => {
    const error = await caught(connect(source, 'prometheus', token).send(get(path)));
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(why);
    expect(String(error) + JSON.stringify(error)).not.toContain('glsa_');
  }); // prettier-ignore

  it('a backend that Grafana does not reach is told apart, and tried again', async () => {
    const env = testEnv(connect('dead'));
    const error = await caught(send(env, get('/x'), { signal: new AbortController().signal }));
    expect(String(error)).toMatch(/Grafana got no answer from the backend of "dead"/);
    expect(env.sleeps.length).toBe(5);
  });

  it('what the backend says itself stays as it is', async () => {
    expect((await connect('prom').send(get('/own-403'))).status).toBe(403);
    expect((await connect('prom').send(get('/ok'))).status).toBe(200);
  });

  it('searches of Elasticsearch go with GET, and what changes it goes nowhere', async () => {
    const search = { method: 'POST', path: '/logs/_search', body: '{}' } as const;
    for (const source of ['es', 'os']) {
      expect((await connect(source, 'elasticsearch').send(search)).status).toBe(200);
      expect(grafana.asked.at(-1)).toBe(`GET /api/datasources/proxy/uid/${source}/logs/_search`);
    }
    const before = grafana.asked.length;
    for (const [method, path] of [['POST', '/logs/_pit'], ['DELETE', '/_search/scroll'], ['PUT', '/logs']] as const) {
      const error = await caught(connect('es', 'elasticsearch').send({ method, path }));
      expect(error).toMatchObject({ code: 'connector/refused', detail: { status: 405 } });
    } // prettier-ignore
    expect(grafana.asked.length).toBe(before);
  });

  it('a path that Grafana does not let through says that it is a rule of Grafana’s', async () => {
    const admin = { method: 'POST', path: '/api/v1/admin/tsdb/snapshot' } as const;
    const error = await caught(connect('prom').send(admin));
    expect(error).toMatchObject({ code: 'connector/refused' });
    expect(String(error)).toMatch(/Grafana’s own rule/);
  });
});
