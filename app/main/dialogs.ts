import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { FileRef, HostApi } from '../../core/host';
import { fileRef } from '../node/host';

const CASES = { name: 'Faultline cases', extensions: ['faultline'] };
const ALL = { name: 'All files', extensions: ['*'] };

type Dialogs = Pick<HostApi, 'pickOpen' | 'pickSave' | 'confirmClose'>;

/** Native dialogs over the window. */
export function nativeDialogs(windowOf: () => BrowserWindow, casesDir: string): Dialogs {
  return {
    pickOpen: async ({ title, multiple, directories }) => {
      const properties: OpenDialogOptions['properties'] = [
        directories ? 'openDirectory' : 'openFile',
        ...(multiple ? (['multiSelections'] as const) : []),
      ];
      const filters = directories ? [] : [ALL, CASES];
      const { canceled, filePaths } = await dialog.showOpenDialog(windowOf(), {
        title,
        properties,
        filters,
      });
      return canceled ? [] : Promise.all(filePaths.map(refOf));
    },
    pickSave: async ({ title, name }) => {
      const { canceled, filePath } = await dialog.showSaveDialog(windowOf(), {
        title,
        defaultPath: join(casesDir, basename(name)),
        filters: [CASES],
      });
      return canceled || filePath === '' ? null : filePath;
    },
    confirmClose: async (name) => {
      const { response } = await dialog.showMessageBox(windowOf(), {
        type: 'warning',
        message: `Save the changes to ${name}?`,
        detail: 'What is not saved is lost when the window closes.',
        buttons: ['Save', "Don't save", 'Cancel'],
        defaultId: 0,
        cancelId: 2,
        noLink: true,
      });
      return (['save', 'discard', 'cancel'] as const)[response] ?? 'cancel';
    },
  };
}

async function refOf(path: string): Promise<FileRef> {
  return fileRef(path, await stat(path));
}

/** The page's process ended: reload (the workbench then offers what it can recover) or close. */
export async function askAfterCrash(window: BrowserWindow, reason: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The workbench stopped working.',
    detail: `Its process ended (${reason}). What was open is kept and can be recovered after a reload.`,
    buttons: ['Reload', 'Close'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

/** The page does not answer: wait, or end it. */
export async function askWhenStuck(window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'The workbench does not answer.',
    detail: 'It may be busy. What was open is kept and can be recovered after a reload.',
    buttons: ['Wait', 'Reload'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return response === 1;
}
