import { useState } from 'react';
import type { FileRef } from '../../../core/host';
import type { InputFile } from '../../../core/session';
import {
  attempt,
  canPick,
  host,
  inputOf,
  isCaseName,
  openDialog,
  openFiles,
  useApp,
} from '../state';
import { Button, Dialog, Grow, plural } from '../ui';
import { BrowserPick } from './files/browser-pick';
import { FolderView } from './files/folder-view';
import { completed, joinPath, shownEntries, splitPath } from './files/paths';
import { useFolder } from './files/use-folder';

const close = (): void => openDialog(undefined);

function take(files: readonly InputFile[]): void {
  close();
  openFiles(files);
}

/** Opens what was chosen on this machine: a case, or files and folders to look at. */
function choose(paths: readonly string[]): void {
  attempt('The files could not be opened', async () => {
    const refs = await host().choosePaths(paths);
    const [first] = refs;
    if (first) void host().writeSetting('open.folder', splitPath(first.path).folder);
    take(refs.map(inputOf));
  });
}

/** Which file or files: the machine's own, or the browser's; natively where the shell can. */
export function OpenDialog() {
  const browse = useApp((state) => state.hostInfo?.can.includes('path-access') ?? false);
  if (canPick()) return <NativeChoice />;
  return browse ? <Browse /> : <PageChoice />;
}

const WHAT =
  'A case opens at once. Of anything else Faultline first says what it takes it for; nothing is read in before you agree.';

function NativeChoice() {
  const pick = (directories: boolean): void =>
    attempt('The file dialog failed', async () => {
      const title = directories ? 'Import a folder' : 'Open a case or files';
      const refs = await host().pickOpen({ title, multiple: true, directories });
      if (refs.length > 0) take(refs.map(inputOf));
    });
  return (
    <Dialog title="Open a case or files" onClose={close} width={520}>
      <p className="second">{WHAT}</p>
      <div className="dialog-choices">
        <Button tone="primary" onClick={() => pick(false)}>
          Choose files…
        </Button>
        <Button onClick={() => pick(true)}>Choose a folder…</Button>
      </div>
    </Dialog>
  );
}

function PageChoice() {
  return (
    <Dialog title="Open a case or files" onClose={close} width={520}>
      <p className="second">{WHAT}</p>
      <div className="dialog-choices">
        <BrowserPick onFiles={take} />
      </div>
    </Dialog>
  );
}

/** Where our own file dialog is, what is typed and what is selected there. */
function useBrowse() {
  const [typed, setTyped] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const start = useLastFolder();
  const { folder, error } = useFolder(typed === undefined ? start : splitPath(typed).folder);
  const path = typed ?? (folder ? joinPath(folder.path, '') : '');
  const shown = shownEntries(folder?.entries ?? [], splitPath(path).name);
  const type = (text: string): void => {
    setTyped(text);
    setSelected(new Set());
  };
  const go = (to: string): void => type(joinPath(to, '').replace(/([^/\\])$/, '$1/'));
  const open = (ref: FileRef): void => (ref.isDirectory ? go(ref.path) : choose([ref.path]));
  /** What Enter opens: the entry of that name, or the only one that is left. */
  const enter = (): void => {
    const { name } = splitPath(path);
    const exact = shown.find((ref) => ref.name === name);
    const only = exact ?? (name !== '' && shown.length === 1 ? shown[0] : undefined);
    if (only) open(only);
  };
  /** False where nothing more is certain, so that Tab goes on to the next field. */
  const complete = (): boolean => {
    const longer = completed(path, folder?.entries ?? []);
    if (longer === path) return false;
    setTyped(longer);
    return true;
  };
  return { folder, error, path, shown, selected, setSelected, type, go, open, enter, complete };
}

function Browse() {
  const browse = useBrowse();
  const { folder, error, shown, selected } = browse;
  return (
    <Dialog
      title="Open a case or files"
      onClose={close}
      width={760}
      flush
      footer={
        <>
          <BrowserPick onFiles={take} />
          <Grow />
          <Button onClick={close}>Cancel</Button>
          <OpenButton
            chosen={shown.filter((ref) => selected.has(ref.path))}
            folder={folder?.path}
          />
        </>
      }
    >
      <PathBar browse={browse} />
      {error && (
        <p className="path-error" role="alert">
          ▲ {error.message}
        </p>
      )}
      <FolderView
        entries={shown}
        selected={selected}
        onSelect={browse.setSelected}
        onOpen={browse.open}
        empty={folder ? 'Nothing here goes by that name.' : 'Reading…'}
      />
      {folder !== undefined && folder.left > 0 && (
        <p className="path-error">
          ▲ {plural(folder.left, 'entry', 'entries')} more than can be listed: type the name.
        </p>
      )}
    </Dialog>
  );
}

function PathBar({
  browse: { folder, path, type, go, enter, complete },
}: {
  readonly browse: ReturnType<typeof useBrowse>;
}) {
  const onKey = (event: React.KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') enter();
    else if (event.key === 'ArrowDown')
      document.querySelector<HTMLElement>('.folder-view')?.focus();
    else if (event.key !== 'Tab' || event.shiftKey || !complete()) return;
    event.preventDefault();
  };
  return (
    <div className="path-bar">
      <Button
        title="Folder above"
        aria-label="Folder above"
        disabled={folder?.parent == null}
        onClick={() => folder?.parent != null && go(folder.parent)}
      >
        ↑
      </Button>
      <input
        className="input mono grow"
        aria-label="Path"
        title="Tab completes, Enter opens, arrow down goes to the list"
        autoFocus
        spellCheck={false}
        value={path}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKey}
      />
      <Button title="Home folder" onClick={() => go('~')}>
        Home
      </Button>
    </div>
  );
}

function OpenButton({
  chosen,
  folder,
}: {
  readonly chosen: readonly FileRef[];
  readonly folder: string | undefined;
}) {
  const [first] = chosen;
  if (!first) {
    return (
      <Button
        tone="primary"
        disabled={folder === undefined}
        title="Look at every file in this folder and below"
        onClick={() => folder !== undefined && choose([folder])}
      >
        Look at this folder
      </Button>
    );
  }
  const one = chosen.length === 1;
  const label = one
    ? isCaseName(first.name) && !first.isDirectory
      ? 'Open the case'
      : first.isDirectory
        ? 'Look at the folder'
        : 'Look at the file'
    : `Look at ${plural(chosen.length, 'entry', 'entries')}`;
  return (
    <Button tone="primary" onClick={() => choose(chosen.map(({ path }) => path))}>
      {label}
    </Button>
  );
}

/** Where something was opened last; undefined until it is known. */
function useLastFolder(): string | undefined {
  const [folder, setFolder] = useState<string>();
  useState(() => {
    host()
      .readSetting('open.folder')
      .then(
        (last) => setFolder(last ?? ''),
        () => setFolder(''),
      );
  });
  return folder;
}
