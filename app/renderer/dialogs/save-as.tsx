import { useEffect, useState } from 'react';
import { attempt, host, saveTo, tell, track, useApp, workbench } from '../state';
import { Button, Dialog, Grow, formatBytes } from '../ui';
import { caseTarget, fileNameOf, joinPath, splitPath } from './files/paths';
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
  const [path, setPath] = useState(known);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (known !== undefined) return;
    attempt('The folder for cases is not known', async () => {
      const { cases } = await host().places();
      setPath(joinPath(cases, fileNameOf(name)));
    });
  }, [known, name]);
  const target = caseTarget(path ?? '');
  const { folder: where, name: file } = splitPath(target);
  const { folder, error } = useFolder(where === '' ? undefined : where);
  const there = folder?.entries.find((entry) => entry.name === file);
  const own = target === known;
  const problem =
    target === ''
      ? undefined
      : where === ''
        ? 'Give the whole path, beginning with a folder.'
        : error?.message;
  const ready = file !== '' && !problem && !there?.isDirectory && !busy;
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
          <Button
            title="Hands the file to the browser; the case here stays unsaved"
            onClick={() => attempt('The copy could not be made', () => download(fileNameOf(name)))}
          >
            Download a copy
          </Button>
          <Grow />
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            tone={there && !own ? 'danger' : 'primary'}
            disabled={!ready}
            onClick={() => void save()}
          >
            {there && !own ? 'Replace it' : 'Save'}
          </Button>
        </>
      }
    >
      <label className="field">
        <span>Path on this machine</span>
        <input
          className="input mono"
          autoFocus
          spellCheck={false}
          value={path ?? ''}
          onChange={(event) => setPath(event.target.value)}
          onKeyDown={(event) => {
            // Replacing another case is not for an absent-minded Enter.
            if (event.key === 'Enter' && ready && (!there || own)) void save();
          }}
        />
      </label>
      <p className="save-word" role="status">
        {problem !== undefined && <span className="crit">■ {problem}</span>}
        {!problem && there?.isDirectory && <span className="crit">■ {file} is a folder.</span>}
        {!problem && there && !there.isDirectory && !own && (
          <span className="warn">
            ▲ There is a {file} already ({formatBytes(there.size)}). Saving replaces it.
          </span>
        )}
        {!problem && !there && (
          <span className="faint">One file, with everything in it, readable by any DuckDB.</span>
        )}
        {!problem && there && own && (
          <span className="faint">The file that this case came from.</span>
        )}
      </p>
    </Dialog>
  );
}
