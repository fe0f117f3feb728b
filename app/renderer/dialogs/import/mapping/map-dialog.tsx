import type { Mapping } from '../../../../../core/connect';
import { tell } from '../../../state';
import { Button, Dialog, Failure, Grow, Skeleton } from '../../../ui';
import { LoadMapping } from '../../load-mapping';
import type { Entry } from '../report';
import { MapFields } from './map-fields';
import { MapPreview } from './map-preview';
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

/** Says what is what in a table: which column is which field, with the first rows as they would be. */
export function MapDialog({
  entry,
  onUse,
  onClose,
}: {
  readonly entry: Entry;
  readonly onUse: (format: string, mapping: Mapping) => void;
  readonly onClose: () => void;
}) {
  const { draft, error, none, change, load, guess } = usePreview(entry);
  const ready = draft && draft.preview.faults.length === 0 && draft.preview.mapping !== null;
  return (
    <Dialog
      title={`Map ${entry.name}`}
      aside={<span className="faint grow cut">which column is what; nothing is written yet</span>}
      width={1180}
      held
      flush
      onClose={onClose}
      footer={
        <>
          <LoadMapping onText={load} />
          <Button disabled={!ready} onClick={() => draft && save(entry.name, draft.mapping)}>
            Save as a file
          </Button>
          <Button onClick={guess}>Guess anew</Button>
          {error && draft && <span className="crit cut"> ■ {error.message}</span>}
          <Grow />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            disabled={!ready}
            onClick={() => draft && onUse(draft.preview.format, draft.mapping)}
          >
            Use this mapping
          </Button>
        </>
      }
    >
      <div className="map">
        {draft ? (
          <>
            <MapFields {...draft} onChange={change} />
            <MapPreview preview={draft.preview} />
          </>
        ) : (
          <div className="map-alone">
            {error ? <Failure error={error} /> : none ? <NoTable /> : <Skeleton lines={8} />}
          </div>
        )}
      </div>
    </Dialog>
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
