import { useRef } from 'react';
import type { InputFile } from '../../../../core/session';
import { Button } from '../../ui';

const inputs = (list: FileList | null): readonly InputFile[] =>
  [...(list ?? [])].map((blob) => ({
    kind: 'blob',
    name: blob.webkitRelativePath === '' ? blob.name : blob.webkitRelativePath,
    blob,
  }));

/** The browser's own file dialogs: for files of the machine that the browser runs on. */
export function BrowserPick({
  onFiles,
}: {
  readonly onFiles: (files: readonly InputFile[]) => void;
}) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (event: React.ChangeEvent<HTMLInputElement>): void => {
    const picked = inputs(event.target.files);
    event.target.value = '';
    if (picked.length > 0) onFiles(picked);
  };
  return (
    <>
      <input ref={files} type="file" multiple hidden aria-label="Files" onChange={take} />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        aria-label="Folder"
        onChange={take}
      />
      <Button onClick={() => files.current?.click()}>Choose files…</Button>
      <Button onClick={() => folder.current?.click()}>Choose a folder…</Button>
    </>
  );
}
