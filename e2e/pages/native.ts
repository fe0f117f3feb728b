import type { App } from '../fixtures/app';

/** Electron's window and menu, as a person uses them. */

export function clickMenu({ electron }: App, id: string): Promise<void> {
  return electron.evaluate(({ Menu, BrowserWindow }, wanted) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(wanted);
    if (!item) throw new Error(`The menu has no ${wanted}.`);
    item.click(undefined, BrowserWindow.getAllWindows()[0]);
  }, id);
}

export interface MenuEntry {
  readonly label: string;
  readonly id: string;
  readonly enabled: boolean;
}

/** The entries of a menu of the bar, by its label without the mnemonic. */
export function menuEntries({ electron }: App, label: string): Promise<readonly MenuEntry[]> {
  return electron.evaluate(({ Menu }, wanted) => {
    const bar = Menu.getApplicationMenu()?.items ?? [];
    const found = bar.find((item) => item.label.replace('&', '') === wanted);
    return (found?.submenu?.items ?? [])
      .filter(({ type }) => type !== 'separator')
      .map((item) => ({
        label: item.label.replace('&', ''),
        id: item.id,
        enabled: item.enabled,
      }));
  }, label);
}

/** The window's close button. */
export function closeWindow({ electron }: App): Promise<void> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
}

export function windowTitle({ electron }: App): Promise<string> {
  return electron.evaluate(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle() ?? '',
  );
}
