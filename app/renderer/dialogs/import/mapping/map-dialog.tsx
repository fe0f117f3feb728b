import type { FaultlineError } from '../../../../../core/base';
import type { Mapping, ReadChoices } from '../../../../../core/connect';
import { tell } from '../../../state';
import { Button, Dialog, Failure, Grow, Skeleton } from '../../../ui';
import { LoadMapping } from '../../load-mapping';
import type { Entry } from '../report';
import { MapFields } from './map-fields';
import { MapPreview } from './map-preview';
import { TableChoice } from './table-choice';
import { usePreview } from './use-preview';
import './mapping.css';

/** Hands the mapping to the browser as a file that can be loaded here and given to `import --mapping`. */
function save(name: string, mapping: Mapping): void {
  const text = `${JSON.stringify({ version: 1, ...mapping }, null, 2)}\n`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `${name.replace(/^.*[/\\]/, '').replace(/\.[^.]+$/, '')}.mapping.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  tell('Saved the mapping', link.download);
}

const ASIDE = <span className="faint grow cut">which column is what; nothing is written yet</span>;

interface MapDialogProps {
  readonly entry: Entry;
  readonly onUse: (format: string, choices: Pick<ReadChoices, 'mapping' | 'tables'>) => void;
  readonly onClose: () => void;
}

/** Says what is what in a table: which column is which field, with the first rows as they would be. */
export function MapDialog({ entry, onUse, onClose }: MapDialogProps) {
  const made = usePreview(entry);
  const { draft, error, none, tables, chosen } = made;
  const { table } = draft?.preview ?? {};
  const ready = draft && draft.preview.faults.length === 0 && draft.preview.mapping !== null;
  const open = table !== undefined && tables !== undefined;
  // A table that is not taken may have any mapping.
  const usable = ready || (open && !chosen[table]);
  const use = (): void =>
    draft && onUse(draft.preview.format, open ? { tables: chosen } : { mapping: draft.mapping });
  return (
    <Dialog
      title={`Map ${entry.name}`}
      aside={ASIDE}
      width={1180}
      held
      flush
      onClose={onClose}
      footer={
        <Footer
          word={open ? 'Use these tables' : 'Use this mapping'}
          problem={draft && error?.message}
          onLoad={made.load}
          onSave={ready ? () => save(entry.name, draft.mapping) : undefined}
          onGuess={made.guess}
          onUse={usable ? use : undefined}
          onClose={onClose}
        />
      }
    >
      <div className="map">
        {draft ? (
          <>
            <MapFields {...draft} onChange={made.change}>
              {open && (
                <TableChoice
                  tables={tables}
                  chosen={chosen}
                  table={table}
                  mapping={ready ? draft.mapping : undefined}
                  onShow={made.show}
                  onChoose={made.choose}
                />
              )}
            </MapFields>
            <MapPreview preview={draft.preview} />
          </>
        ) : (
          <Alone error={error} none={none} />
        )}
      </div>
    </Dialog>
  );
}

/** What can be done; what can't be done now has no handler. */
function Footer({
  word,
  problem,
  onLoad,
  onSave,
  onGuess,
  onUse,
  onClose,
}: {
  readonly word: string;
  readonly problem: string | undefined;
  readonly onLoad: (text: string) => void;
  readonly onSave: (() => void) | undefined;
  readonly onGuess: () => void;
  readonly onUse: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  return (
    <>
      <LoadMapping onText={onLoad} />
      <Button disabled={!onSave} onClick={onSave}>
        Save as a file
      </Button>
      <Button onClick={onGuess}>Guess anew</Button>
      {problem !== undefined && <span className="crit cut"> ■ {problem}</span>}
      <Grow />
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" disabled={!onUse} onClick={onUse}>
        {word}
      </Button>
    </>
  );
}

/** While there is no table to be seen. */
function Alone({
  error,
  none,
}: {
  readonly error: FaultlineError | undefined;
  readonly none: boolean;
}) {
  return (
    <div className="map-alone">
      {error ? <Failure error={error} /> : none ? <NoTable /> : <Skeleton lines={8} />}
    </div>
  );
}

function NoTable() {
  return (
    <p className="second" role="status">
      This file is no table and has no JSON records: a mapping does not help. A table has a
      delimiter (comma, tab, semicolon, bar) and as many fields in each line.
    </p>
  );
}
