import { File as FileIcon, Folder as FolderIcon, Activity } from 'lucide-react';
import { ListBox, ListBoxItem, ListLayout, Virtualizer } from 'react-aria-components';
import type { FileRef } from '../../../../core/host';
import { isCaseName } from '../../state';
import { formatBytes } from '../../ui';

const layout = { rowHeight: 28 };

/** The entries of a folder: click selects (with Ctrl and Shift several), Enter or double click opens. */
export function FolderView({
  entries,
  selected,
  onSelect,
  onOpen,
  empty,
}: {
  readonly entries: readonly FileRef[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (paths: ReadonlySet<string>) => void;
  readonly onOpen: (ref: FileRef) => void;
  readonly empty: string;
}) {
  return (
    <Virtualizer layout={ListLayout} layoutOptions={layout}>
      <ListBox
        className="folder-view"
        aria-label="Files and folders"
        selectionMode="multiple"
        selectionBehavior="replace"
        items={entries}
        selectedKeys={selected}
        onSelectionChange={(keys) =>
          onSelect(
            new Set(keys === 'all' ? entries.map(({ path }) => path) : [...keys].map(String)),
          )
        }
        onAction={(key) => {
          const ref = entries.find(({ path }) => path === key);
          if (ref) onOpen(ref);
        }}
        renderEmptyState={() => <p className="folder-empty">{empty}</p>}
      >
        {(ref) => (
          <ListBoxItem id={ref.path} textValue={ref.name} className="folder-row">
            <EntryIcon entry={ref} />
            <span className={`grow cut ${isCaseName(ref.name) ? 'strong' : ''}`}>{ref.name}</span>
            <span className="small faint num">
              {ref.isDirectory ? 'folder' : formatBytes(ref.size)}
            </span>
          </ListBoxItem>
        )}
      </ListBox>
    </Virtualizer>
  );
}

function EntryIcon({ entry }: { readonly entry: FileRef }) {
  if (entry.isDirectory) return <FolderIcon size={14} aria-hidden className="faint" />;
  if (isCaseName(entry.name)) return <Activity size={14} aria-hidden />;
  return <FileIcon size={14} aria-hidden className="faint" />;
}
