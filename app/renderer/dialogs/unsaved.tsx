import { useState } from 'react';
import { canPick, save, useApp } from '../state';
import { Button, Dialog, Grow } from '../ui';
import { SaveAsDialog } from './save-as';

/** Save, let go of the changes, or stay: then what was asked for goes on. */
export function UnsavedDialog({
  onContinue,
  onCancel,
}: {
  readonly onContinue: () => void;
  readonly onCancel: () => void;
}) {
  const info = useApp((state) => state.info);
  const [placing, setPlacing] = useState(false);
  if (placing) return <SaveAsDialog onSaved={onContinue} onCancel={onCancel} />;
  const keep = async (): Promise<void> => {
    if (info?.path === null && !canPick()) return setPlacing(true);
    if (await save()) onContinue();
  };
  return (
    <Dialog
      title={`Save the changes to ${info?.name ?? 'this case'}?`}
      onClose={onCancel}
      width={480}
      footer={
        <>
          <Button tone="danger" onClick={onContinue}>
            Don’t save
          </Button>
          <Grow />
          <Button onClick={onCancel}>Cancel</Button>
          <Button tone="primary" autoFocus onClick={() => void keep()}>
            Save
          </Button>
        </>
      }
    >
      <p className="second">
        What came in since it was {info?.path === null ? 'begun' : 'last saved'}, and what was found
        in it, is lost otherwise.
      </p>
    </Dialog>
  );
}
