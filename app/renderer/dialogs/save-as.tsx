import { useEffect, useState } from 'react';
import { attempt, host, saveTo, tell, track, useApp, workbench } from '../state';
import { Button, Dialog, Grow, formatBytes } from '../ui';
import {
  caseTarget,
  fileNameOf,
  joinPath,
  savePlace,
  splitPath,
  type SavePlace,
} from './files/paths';
import { useFolder } from './files/use-folder';

/** Hands the case to the browser as a file; the case itself stays as it is, unsaved. */
async function download(name: string): Promise<void> {
  const bytes = await track(workbench().exportBytes());
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell('Downloaded a copy', `${name}, ${formatBytes(bytes.length)}`);
}

function DownloadButton({ name }: { readonly name: string }) {
  return (
    <Button
      title="Hands the file to the browser; the case here stays unsaved"
      onClick={() => attempt('The copy could not be made', () => download(name))}
    >
      Download a copy
    </Button>
  );
}

/** The path as typed; at first where the case lies, or a new file in the folder for cases. */
function useTypedPath(known: string | undefined, name: string) {
  const [path, setPath] = useState(known);
  useEffect(() => {
    if (known !== undefined) return;
    attempt('The folder for cases is not known', async () => {
      const { cases } = await host().places();
      setPath((typed) => typed ?? joinPath(cases, fileNameOf(name)));
    });
  }, [known, name]);
  return [path ?? '', setPath] as const;
}

/** Where to save: a path on this machine, or a copy by the browser. */
export function SaveAsDialog({
  onSaved,
  onCancel,
}: {
  readonly onSaved: () => void;
  readonly onCancel: () => void;
}) {
  const name = useApp((state) => state.info?.name ?? 'case');
  const known = useApp((state) => state.info?.path ?? undefined);
  const [path, setPath] = useTypedPath(known, name);
  const [busy, setBusy] = useState(false);
  const target = caseTarget(path);
  const { folder: where } = splitPath(target);
  const { folder, error } = useFolder(where === '' ? undefined : where);
  const place = savePlace(target, {
    known,
    entries: folder?.entries ?? [],
    problem: error?.message,
  });
  const ready = !busy && (place.kind === 'free' || place.kind === 'own' || place.kind === 'taken');
  const save = async (): Promise<void> => {
    setBusy(true);
    const saved = await saveTo(target);
    setBusy(false);
    if (saved) onSaved();
  };
  return (
    <Dialog
      title="Save the case"
      onClose={onCancel}
      width={640}
      footer={
        <>
          <DownloadButton name={fileNameOf(name)} />
          <Grow />
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            tone={place.kind === 'taken' ? 'danger' : 'primary'}
            disabled={!ready}
            onClick={() => void save()}
          >
            {place.kind === 'taken' ? 'Replace it' : 'Save'}
          </Button>
        </>
      }
    >
      <PathField
        path={path}
        onType={setPath}
        // Replacing another case is not for an absent-minded Enter.
        onEnter={() => ready && place.kind !== 'taken' && void save()}
      />
      <p className="save-word" role="status">
        <PlaceWord place={place} />
      </p>
    </Dialog>
  );
}

function PathField({
  path,
  onType,
  onEnter,
}: {
  readonly path: string;
  readonly onType: (path: string) => void;
  readonly onEnter: () => void;
}) {
  return (
    <label className="field">
      <span>Path on this machine</span>
      <input
        className="input mono"
        autoFocus
        spellCheck={false}
        value={path}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && onEnter()}
      />
    </label>
  );
}

function PlaceWord({ place }: { readonly place: SavePlace }) {
  switch (place.kind) {
    case 'none':
    case 'free':
      return (
        <span className="faint">One file, with everything in it, readable by any DuckDB.</span>
      );
    case 'own':
      return <span className="faint">The file that this case came from.</span>;
    case 'bad':
      return <span className="crit">■ {place.problem}</span>;
    case 'taken':
      return (
        <span className="warn">
          ▲ There is a {place.name} already ({formatBytes(place.size)}). Saving replaces it.
        </span>
      );
  }
}
