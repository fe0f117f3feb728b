import { Suspense, lazy } from 'react';
import { openDialog, useApp, type Dialog } from '../state';
import { OpenDialog } from './open-dialog';
import { SaveAsDialog } from './save-as';
import { UnsavedDialog } from './unsaved';

const ImportDialog = lazy(async () => ({
  default: (await import('./import/import-dialog')).ImportDialog,
}));

const PullDialog = lazy(async () => ({
  default: (await import('./pull/pull-dialog')).PullDialog,
}));

const ReceiveDialog = lazy(async () => ({
  default: (await import('./receive/receive-dialog')).ReceiveDialog,
}));
const EntitiesDialog = lazy(async () => ({
  default: (await import('./entities/entities-dialog')).EntitiesDialog,
}));

const close = (): void => openDialog(undefined);

/** Whichever dialog is asked for; the palette and the shortcuts are the shell's. */
export function Dialogs() {
  const dialog = useApp((state) => state.dialog);
  if (!dialog) return null;
  return <Suspense fallback={null}>{shown(dialog)}</Suspense>;
}

function shown(dialog: Dialog) {
  switch (dialog.kind) {
    case 'open':
      return <OpenDialog />;
    case 'save-as':
      return <SaveAsDialog onSaved={close} onCancel={close} />;
    case 'unsaved': {
      const { proceed } = dialog;
      const go = (): void => {
        close();
        proceed();
      };
      return <UnsavedDialog onContinue={go} onCancel={close} />;
    }
    case 'import':
      return <ImportDialog files={dialog.files} />;
    case 'pull':
      return (
        <PullDialog
          window={dialog.window}
          connectionId={dialog.connectionId}
          trace={dialog.trace}
        />
      );
    case 'receive':
      return <ReceiveDialog />;
    case 'entities':
      return <EntitiesDialog />;
    default:
      return null;
  }
}
