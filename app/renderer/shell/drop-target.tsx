import { useEffect, useState } from 'react';
import type { InputFile } from '../../../core/session';
import { openFiles } from '../state';

/** Files of a drop, folders opened up (as the page may read them). */
export async function filesOf(items: readonly FileSystemEntry[]): Promise<readonly InputFile[]> {
  const lists = await Promise.all(items.map((entry) => filesBelow(entry)));
  return lists.flat();
}

async function filesBelow(entry: FileSystemEntry): Promise<readonly InputFile[]> {
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ kind: 'blob', name: entry.fullPath.replace(/^\//, ''), blob }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: InputFile[] = [];
  for (;;) {
    // A reader gives at most 100 entries a call, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return found;
    for (const child of entries) found.push(...(await filesBelow(child)));
  }
}

/** Anything may be dropped anywhere. */
export function DropTarget() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const carriesFiles = (event: DragEvent): boolean =>
      event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const entries = [...(event.dataTransfer?.items ?? [])]
        .map((item) => item.webkitGetAsEntry())
        .filter((entry): entry is FileSystemEntry => entry !== null);
      const plain = [...(event.dataTransfer?.files ?? [])];
      void (
        entries.length > 0
          ? filesOf(entries)
          : Promise.resolve(
              plain.map((blob) => ({ kind: 'blob', name: blob.name, blob }) satisfies InputFile),
            )
      ).then(openFiles);
    };
    window.addEventListener('dragover', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return over ? <div className="drop-veil">Drop to see what Faultline takes it for</div> : null;
}
