import { formatRfc3339 } from '../../../core/base';
import type { FileRef } from '../../../core/host';
import type { CaseInfo, InputFile } from '../../../core/session';
import { attempt, reportError, tell } from './problems';
import { host, workbench } from './services';
import { NOTHING_SELECTED, useApp, type Dialog } from './store';
import { forgetRemoved } from './undo';

export function openDialog(dialog: Dialog | undefined): void {
  useApp.setState({ dialog });
}

export const isCaseName = (name: string): boolean => /\.faultline$/i.test(name);

/** Proceeds at once, or after the person has saved or let go of unsaved changes. */
export function afterUnsaved(proceed: () => void): void {
  if (useApp.getState().info?.dirty) openDialog({ kind: 'unsaved', proceed });
  else proceed();
}

/** A new case in the place of the old one: nothing selected, whole range shown. The session's event calls for it. */
export function resetView(): void {
  useApp.setState({
    selection: NOTHING_SELECTED,
    view: undefined,
    search: '',
    pinned: [],
    sql: undefined,
    rows: undefined,
    past: [],
    future: [],
  });
}

async function enter(title: string, open: () => Promise<CaseInfo>): Promise<boolean> {
  try {
    await open();
    return true;
  } catch (error) {
    reportError(title, error);
    return false;
  }
}

export function openSample(): void {
  afterUnsaved(() => void enter('The sample could not be opened', () => workbench().openSample()));
}

export function recoverCase(id: string): void {
  void enter('The case could not be recovered', () => workbench().recover(id));
}

/** Case files are opened; anything else goes to the import dialog. */
export function openFiles(files: readonly InputFile[]): void {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && isCaseName(first.name)) {
    afterUnsaved(
      () => void enter(`${first.name} could not be opened`, () => workbench().openCase(first)),
    );
    return;
  }
  openDialog({ kind: 'import', files });
}

export async function openPaths(paths: readonly string[]): Promise<void> {
  const refs = await Promise.all(paths.map((path) => host().stat(path)));
  const missing = paths.filter((_, at) => refs[at] === null);
  if (missing.length > 0) reportError('Not found', new Error(`There is no ${missing.join(', ')}.`));
  openFiles(refs.filter((ref): ref is FileRef => ref !== null).map(inputOf));
}

export function inputOf({ path, name, size, modifiedMs }: FileRef): InputFile {
  return { kind: 'path', path, name, size, modifiedMs };
}

export const canPick = (): boolean =>
  useApp.getState().hostInfo?.can.includes('native-dialog') ?? false;

/** The native dialog where there is one, else our own. */
export async function pickAndOpen(): Promise<void> {
  if (!canPick()) return openDialog({ kind: 'open' });
  const refs = await host().pickOpen({
    title: 'Open a case or files',
    multiple: true,
    directories: false,
  });
  openFiles(refs.map(inputOf));
}

/** Saves where the case lies, or asks for a place. Resolves to false where nothing was saved. */
export async function save(): Promise<boolean> {
  const { info } = useApp.getState();
  if (!info) return false;
  if (info.path === null) return saveAs();
  return saveTo(info.path);
}

export async function saveAs(): Promise<boolean> {
  const { info } = useApp.getState();
  if (!info) return false;
  if (!canPick()) {
    openDialog({ kind: 'save-as' });
    return false;
  }
  const path = await host().pickSave({ title: 'Save the case', name: `${info.name}.faultline` });
  return path === null ? false : saveTo(path);
}

export async function saveTo(path: string): Promise<boolean> {
  try {
    await workbench().save(path);
    forgetRemoved();
    tell('Saved', path);
    return true;
  } catch (error) {
    reportError('The case could not be saved', error);
    return false;
  }
}

export function closeCase(): void {
  afterUnsaved(() => {
    attempt('The case could not be closed', () => workbench().closeCase());
  });
}

/** The shell's window is to close: unsaved changes are asked about natively, then let go of. */
export async function closeWindow(): Promise<void> {
  const { info } = useApp.getState();
  if (info?.dirty) {
    const answer = await host().confirmClose(info.name);
    if (answer === 'cancel' || (answer === 'save' && !(await save()))) return;
  }
  await workbench().closeCase();
  await host().closeWindow();
}

export function newCase(name: string): Promise<CaseInfo> {
  return workbench().newCase(name);
}

/** A name for a case that starts from something else: "incident 2026-11-21 14:02". */
export function freshCaseName(from: bigint): string {
  return `incident ${formatRfc3339(from).slice(0, 16).replace('T', ' ')}`;
}
