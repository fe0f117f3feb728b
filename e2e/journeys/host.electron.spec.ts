import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startBackend, type TestBackend } from '../../core/host/testing/backend';
import { HOST_CONTRACT } from '../../core/host/testing/contract';
import { test } from '../fixtures/app';
import { bridgeOf } from '../pages/bridge';
import { giveAway } from '../../scripts/electron-test.mjs';

let backend: TestBackend;
test.beforeAll(async () => {
  backend = await startBackend();
});
test.afterAll(() => backend.close());

test('the host keeps its contract over IPC', async ({ stopped }) => {
  const folder = join(stopped.dir, 'opened');
  mkdirSync(folder);
  giveAway(folder);
  await stopped.start([folder]);
  // A plain file of our origin: the bridge, without a workbench that answers deliveries by itself.
  const asset = await stopped.page.locator('script[src]').first().getAttribute('src');
  await stopped.page.goto(new URL(asset ?? '', 'app://faultline/').href);
  const { bridge, host } = await bridgeOf(stopped.page);
  for (const { name, run } of HOST_CONTRACT) {
    await test.step(name, () => run({ host, bridge, folder, userDir: stopped.userDir, backend }));
  }
  stopped.problems.length = 0;
});
