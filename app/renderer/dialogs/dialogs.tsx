import { Suspense } from 'react';
import { openDialog, useApp, type Dialog } from '../state';
import { OpenDialog } from './open-dialog';
import { SaveAsDialog } from './save-as';
import { UnsavedDialog } from './unsaved';

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
      const { then } = dialog;
      const go = (): void => {
        close();
        then();
      };
      return <UnsavedDialog onContinue={go} onCancel={close} />;
    }
    default:
      return null;
  }
}
