import type { MenuItemConstructorOptions } from 'electron';
import type { RecentCase, ShellCommand } from '../../core/host';

export interface MenuFacts {
  readonly platform: NodeJS.Platform;
  /** Started from its folder: reload and developer tools are offered. */
  readonly development: boolean;
  readonly recents: readonly Pick<RecentCase, 'path' | 'name'>[];
  readonly send: (command: ShellCommand) => void;
  readonly openPath: (path: string) => void;
  readonly closeWindow: () => void;
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

/** Electron's own has Cmd+W for the window; here it closes the case. */
const MAC_WINDOW: MenuItemConstructorOptions = {
  label: 'Window',
  submenu: [{ role: 'minimize' }, { role: 'zoom' }, SEPARATOR, { role: 'front' }],
};

/** The native menu. Keys that the workbench knows by itself are only shown here, not taken away from it. */
export function menuTemplate(facts: MenuFacts): MenuItemConstructorOptions[] {
  const mac: MenuItemConstructorOptions[] =
    facts.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return [
    ...mac,
    { label: '&File', submenu: fileMenu(facts) },
    { role: 'editMenu' },
    { label: '&View', submenu: viewMenu(facts) },
    ...(facts.platform === 'darwin' ? [MAC_WINDOW] : []),
    { label: '&Help', role: 'help', submenu: helpMenu(facts) },
  ];
}

type SimpleCommand = Exclude<ShellCommand, { id: 'open-paths' | 'theme' }>['id'];

const item = (
  { send }: MenuFacts,
  id: SimpleCommand,
  label: string,
  accelerator?: string,
): MenuItemConstructorOptions => ({ id, label, accelerator, click: () => send({ id }) });

function fileMenu(facts: MenuFacts): MenuItemConstructorOptions[] {
  const { recents, openPath, closeWindow, platform } = facts;
  const recent: MenuItemConstructorOptions[] =
    recents.length === 0
      ? [{ label: 'No recent cases', enabled: false }]
      : recents.map(({ name, path }) => ({
          id: `recent:${path}`,
          label: name.replaceAll('&', '&&'),
          toolTip: path,
          click: () => openPath(path),
        }));
  const mac = platform === 'darwin';
  return [
    item(facts, 'new', '&New case', 'CmdOrCtrl+N'),
    item(facts, 'open', '&Open…', 'CmdOrCtrl+O'),
    { id: 'open-recent', label: 'Open &recent', submenu: recent },
    SEPARATOR,
    item(facts, 'import', '&Import files…', 'CmdOrCtrl+I'),
    item(facts, 'pull', '&Pull from a backend…'),
    SEPARATOR,
    item(facts, 'save', '&Save', 'CmdOrCtrl+S'),
    item(facts, 'save-as', 'Save &as…', 'CmdOrCtrl+Shift+S'),
    SEPARATOR,
    item(facts, 'close', '&Close case', 'CmdOrCtrl+W'),
    {
      id: 'close-window',
      label: mac ? 'Close window' : '&Quit',
      accelerator: mac ? 'CmdOrCtrl+Shift+W' : 'CmdOrCtrl+Q',
      click: closeWindow,
    },
  ];
}

function viewMenu(facts: MenuFacts): MenuItemConstructorOptions[] {
  const theme = (name: 'dark' | 'light' | 'system', label: string): MenuItemConstructorOptions => ({
    id: `theme:${name}`,
    label,
    click: () => facts.send({ id: 'theme', theme: name }),
  });
  const development: MenuItemConstructorOptions[] = facts.development
    ? [SEPARATOR, { role: 'reload' }, { role: 'toggleDevTools' }]
    : [];
  return [
    item(facts, 'palette', 'Command &palette', 'CmdOrCtrl+K'),
    {
      id: 'theme',
      label: '&Theme',
      submenu: [theme('dark', 'Dark'), theme('light', 'Light'), theme('system', 'As the system')],
    },
    SEPARATOR,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    SEPARATOR,
    { role: 'togglefullscreen' },
    ...development,
  ];
}

function helpMenu(facts: MenuFacts): MenuItemConstructorOptions[] {
  const shortcuts = item(facts, 'shortcuts', 'Keyboard &shortcuts');
  return facts.platform === 'darwin' ? [shortcuts] : [shortcuts, SEPARATOR, { role: 'about' }];
}
