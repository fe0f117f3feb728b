import { useEffect, useState } from 'react';
import { asFaultlineError, type FaultlineError } from '../../../../core/base';
import type { Folder } from '../../../../core/host';
import { host, track } from '../../state';

export interface FolderState {
  /** The newest folder that could be listed: it stays while the next one is read. */
  readonly folder: Folder | undefined;
  readonly error: FaultlineError | undefined;
}

/** One folder of the machine that the host runs on; undefined reads nothing. */
export function useFolder(path: string | undefined): FolderState {
  const [state, setState] = useState<FolderState>({ folder: undefined, error: undefined });
  useEffect(() => {
    if (path === undefined) return;
    let current = true;
    const read = (): void => {
      track(host().browse(path)).then(
        (folder) => current && setState({ folder, error: undefined }),
        (error: unknown) =>
          current && setState(({ folder }) => ({ folder, error: asFaultlineError(error) })),
      );
    };
    // While somebody types, not every letter is asked for.
    const timer = setTimeout(read, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [path]);
  return state;
}
