import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '../fixtures/app';
import type { App } from '../fixtures/app';
import { telemetryFolder } from '../fixtures/prepared';
import { ImportDialog } from '../pages/import';
import { Workbench } from '../pages/workbench';

async function expectClean(app: App, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page })
    .setLegacyMode(app.isElectron)
    .analyze();
  const told = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes
        .slice(0, 4)
        .map((node) => node.html.slice(0, 200))
        .join('\n  ')}`,
  );
  expect.soft(told, screen).toEqual([]);
}

test('every screen is free of accessibility faults, dark and light', async ({ app }) => {
  test.slow();
  const bench = new Workbench(app);
  await expectClean(app, 'start screen');
  await bench.openCase();
  await bench.selectFinding(0);
  for (const theme of ['Dark theme', 'Light theme']) {
    await bench.command(theme);
    for (const tab of [
      'Evidence',
      'Metrics',
      'Logs',
      'Traces',
      'Changes',
      'Rows',
      'SQL',
      'Sources',
    ]) {
      await bench.tab(tab);
      await expectClean(app, `${tab}, ${theme}`);
    }
  }
  for (const [command, dialog] of [
    ['Shortcuts', 'Shortcuts'],
    ['Pull from a backend', 'Pull from a backend'],
    ['Receive OpenTelemetry', 'Receive OpenTelemetry'],
    ['Merge or split names', /names/i],
    ...(app.isElectron
      ? []
      : [
          ['Open a case or files', 'Open a case or files'] as const,
          ['Save as', 'Save the case'] as const,
        ]),
  ] as const) {
    await bench.command(command);
    await expect(bench.dialog(dialog)).toBeVisible();
    await app.idle();
    await expectClean(app, command);
    await app.page.keyboard.press('Escape');
    await expect(bench.dialog()).toBeHidden();
  }
  await app.page.keyboard.press('Control+K');
  await expectClean(app, 'palette');
  await app.page.keyboard.press('Escape');
  const files = new ImportDialog(bench);
  await bench.drop([app.give(telemetryFolder())]);
  await files.looked(8);
  await files.openCard('spans.otlp.jsonl.gz');
  await expectClean(app, 'import');
  await files.cancel();
});
