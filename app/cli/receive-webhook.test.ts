import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonOf, runCli, startCli } from './testing/built-cli';

const dir = mkdtempSync(join(tmpdir(), 'faultline-webhook-'));
afterAll(() => rmSync(dir, { recursive: true }));

const mapping = join(dir, 'deploys.mapping.json');
writeFileSync(
  mapping,
  JSON.stringify({
    version: 1,
    target: 'changes',
    fields: {
      time: { column: 'deploy.finished_at' },
      title: { column: 'deploy.title' },
      kind: { constant: 'deployment' },
      version: { column: 'deploy.sha' },
      service: { column: 'app' },
    },
  }),
);
const deploy = (title: string, more: object = {}): object => ({
  app: 'cart',
  deploy: { title, sha: 'abc123', finished_at: '2026-01-02T03:04:05Z', ...more },
  api_key: 'hunter2-swordfish',
});

const receive = (file: string, ...more: readonly string[]): readonly string[] => [
  'receive',
  '--case',
  join(dir, file),
  '--json',
  '--http',
  '127.0.0.1:0',
  '--grpc',
  '127.0.0.1:0',
  ...more,
];

async function receiving(file: string) {
  const cli = await startCli(receive(file, '--mapping', `deploys=${mapping}`));
  for (let tries = 0; tries < 400; tries++) {
    const url = /Webhooks at (http:\S+)\/NAME: (.*)/.exec(cli.stderr());
    if (url) return { ...cli, url: url[1] ?? '', names: url[2] ?? '' };
    if (cli.child.exitCode !== null) break;
    await sleep(25);
  }
  throw new Error(`It does not listen: ${cli.stdout()}${cli.stderr()}`);
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hook-token': 'hunter2-swordfish' },
    body: JSON.stringify(body),
  });

describe('faultline receive --mapping', () => {
  it('takes what is posted, once, over a kill, and says what it dropped', async () => {
    const killed = await receiving('live.faultline');
    expect(killed.names).toBe('alertmanager, grafana, pagerduty, deploys');
    const hook = '/deploys?token=hunter2-swordfish';
    expect((await post(killed.url + hook, deploy('v1'))).status).toBe(200);
    killed.child.kill('SIGKILL');
    await killed.ended;

    const cli = await receiving('live.faultline');
    expect((await post(cli.url + hook, deploy('v1'))).status).toBe(200);
    const some = await post(cli.url + hook, [deploy('v2'), deploy('v3', { finished_at: 'soon' })]);
    expect(await some.json()).toMatchObject({
      partialSuccess: { rejectedRecords: '1', errorMessage: 'its time can not be read' },
    });
    expect((await post(`${cli.url}/payments`, deploy('v1'))).status).toBe(404);
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as { notices: readonly { message: string }[] };
    expect(summary).toMatchObject({ deliveries: 1, repeats: 1, dropped: 1 });
    expect(summary.notices.map(({ message }) => message)).toContain(
      '1 of the records posted to /webhook/deploys dropped: its time can not be read.',
    );

    const file = join(dir, 'live.faultline');
    const sql =
      "SELECT c.title, c.kind, c.version, r.attributes['service.name'] AS service FROM changes c JOIN resources r USING (resource_id) ORDER BY title";
    const { data } = await jsonOf<{ data: unknown }>(['query', file, sql]);
    expect(data).toEqual(['v1', 'v2'].map((title) => [title, 'deployment', 'abc123', 'cart']));
    expect(readFileSync(file).includes('hunter2')).toBe(false);
  });

  it.each([
    ['no file', ['--mapping', 'deploys'], 'Not a name and a mapping file'],
    ['a file that is not there', ['--mapping', 'deploys=nowhere.json'], 'no mapping file'],
    ['a name that has its own format', ['--mapping', `alertmanager=${mapping}`], 'no mapping'],
    ['two for one name', [1, 2].flatMap(() => ['--mapping', `a=${mapping}`]), 'two mappings'],
  ])('refuses %s, and makes no case', async (_, flags, message) => {
    const { code, stdout } = await runCli(receive('none.faultline', ...flags));
    expect(code).not.toBe(0);
    expect(stdout).toContain(message);
    expect(() => readFileSync(join(dir, 'none.faultline'))).toThrow('ENOENT');
  });
});
