import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type App } from '../fixtures/app';
import { recordCommands } from '../pages/bridge';
import { clickMenu, closeWindow, menuEntries, windowTitle } from '../pages/native';
import { giveAway } from '../../scripts/electron-test.mjs';

const LOG_LINE = JSON.stringify({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
      scopeLogs: [
        { logRecords: [{ timeUnixNano: '1763730000000000000', body: { stringValue: 'hello' } }] },
      ],
    },
  ],
});

/** A file of telemetry where the program can read it. */
function telemetry(app: App, name: string): string {
  const file = join(app.dir, name);
  writeFileSync(file, `${LOG_LINE}\n`);
  giveAway(file);
  return file;
}

/** A case with unsaved changes. */
async function makeUnsaved(app: App): Promise<void> {
  await clickMenu(app, 'new');
  await expect.poll(() => windowTitle(app)).toMatch(/^• untitled/);
  await app.idle();
}

test('the native menu sends commands', async ({ app }) => {
  const heard = await recordCommands(app.page);
  const ids = ['import', 'pull', 'palette', 'shortcuts', 'save', 'save-as', 'open', 'close', 'new'];
  for (const id of ids) await clickMenu(app, id);
  await expect.poll(heard).toEqual(ids);
  for (const theme of ['light', 'dark'] as const) {
    await clickMenu(app, `theme:${theme}`);
    await expect(app.page.locator('html')).toHaveAttribute('data-theme', theme);
  }
  const file = await menuEntries(app, 'File');
  expect(file.map(({ label }) => label)).toEqual([
    'New case',
    'Open…',
    'Open recent',
    'Import files…',
    'Pull from a backend…',
    'Save',
    'Save as…',
    'Close case',
    'Quit',
  ]);
  const view = (await menuEntries(app, 'View')).map(({ label }) => label);
  const packaged = await app.electron.evaluate(({ app: main }) => main.isPackaged);
  expect(view.includes('Reload')).toBe(!packaged);
});

test('a second instance opens its files in the window there is', async ({ app }) => {
  const heard = await recordCommands(app.page);
  await app.openPaths([telemetry(app, 'second.jsonl')]);
  await expect.poll(heard).toEqual(['open-paths']);
  await expect(app.page.getByRole('dialog')).toContainText('second.jsonl');
  const windows = await app.electron.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows().length,
  );
  expect(windows).toBe(1);
});

test('files on the command line are opened, options are not', async ({ stopped }) => {
  await stopped.start([telemetry(stopped, 'given.jsonl'), '--an-option']);
  await expect(stopped.page.getByRole('dialog')).toContainText('given.jsonl');
  await expect(stopped.page.getByRole('dialog')).not.toContainText('an-option');
});

test('unsaved changes hold the window until the person has decided', async ({ app }) => {
  await makeUnsaved(app);
  await closeWindow(app);
  await expect
    .poll(async () => (await app.askedDialogs()).at(-1))
    .toEqual({
      kind: 'box',
      message: 'Save the changes to untitled?',
      buttons: ['Save', "Don't save", 'Cancel'],
    });
  expect(await windowTitle(app)).toMatch(/^• untitled/);
  const path = join(app.dir, 'kept.faultline');
  await app.answerDialogs({ box: 'Save', save: path });
  await closeWindow(app);
  await app.closed();
  expect(readFileSync(path).subarray(8, 12).toString()).toBe('DUCK');

  await app.start([path]);
  await expect.poll(() => windowTitle(app)).toBe('kept – Faultline');
  const recent = await app.electron.evaluate(({ Menu }) => {
    const menu = Menu.getApplicationMenu()?.getMenuItemById('open-recent')?.submenu;
    return menu?.items.map(({ label }) => label);
  });
  expect(recent).toEqual(['kept']);
  await closeWindow(app);
  await app.closed();
});

test('changes that are not wanted are gone, those of a crash are offered', async ({ app }) => {
  await makeUnsaved(app);
  await app.kill();
  await app.start();
  const offer = () => app.page.getByRole('heading', { name: 'Recovered after an interruption' });
  await expect(offer()).toBeVisible();
  await app.page.getByRole('button', { name: 'Recover' }).click();
  await expect.poll(() => windowTitle(app)).toMatch(/^• untitled/);
  await app.answerDialogs({ box: "Don't save" });
  await closeWindow(app);
  await app.closed();
  await app.start();
  await expect(app.page.getByRole('button', { name: /Open a case/ })).toBeVisible();
  await expect(offer()).toBeHidden();
});

test('a page that crashed is loaded again', async ({ app }) => {
  await makeUnsaved(app);
  await app.answerDialogs({ box: 'Reload' });
  await app.electron.evaluate(({ webContents }) => {
    webContents.getAllWebContents()[0]?.forcefullyCrashRenderer();
  });
  await expect
    .poll(async () => (await app.askedDialogs()).map(({ message }) => message))
    .toEqual(['The workbench stopped working.']);
  await expect
    .poll(() =>
      app.electron.evaluate(({ webContents }) =>
        webContents
          .getAllWebContents()[0]
          ?.executeJavaScript('document.body.innerText', false)
          .catch(() => ''),
      ),
    )
    .toContain('Recovered after an interruption');
});

test('the window comes back where it was', async ({ app }) => {
  const bounds = { x: 40, y: 50, width: 1100, height: 700 };
  await app.electron.evaluate(({ BrowserWindow }, wanted) => {
    BrowserWindow.getAllWindows()[0]?.setBounds(wanted);
  }, bounds);
  await closeWindow(app);
  await app.closed();
  expect(existsSync(join(app.userDir, 'window.json'))).toBe(true);
  await app.start();
  const now = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getBounds(),
  );
  expect(now).toEqual(bounds);
});
