import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { Catalog, CatalogItem } from '../../../../core/connect';
import { Button, formatCount } from '../../ui';
import { filterItems, selectionText } from './request';

const ROW = 26;

/** What the backend has in the window, with counts taken first; chosen by checkbox. */
export function CatalogView({
  catalog,
  chosen,
  onChoose,
}: {
  readonly catalog: Catalog;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (ids: ReadonlySet<string>) => void;
}) {
  const [filter, setFilter] = useState('');
  // What the backend would choose itself stands first.
  const ordered = useMemo(
    () => [...catalog.items].sort((a, b) => Number(b.selected) - Number(a.selected)),
    [catalog],
  );
  const shown = filterItems(ordered, filter);
  const set = (ids: readonly string[], on: boolean): void => {
    const next = new Set(chosen);
    for (const id of ids)
      if (on) next.add(id);
      else next.delete(id);
    onChoose(next);
  };
  const ids = shown.map(({ id }) => id);
  return (
    <>
      <div className="field-row">
        <input
          className="input grow"
          type="search"
          aria-label="Filter what there is"
          placeholder={`Filter ${formatCount(catalog.items.length)} things`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Button tone="quiet" onClick={() => set(ids, true)}>
          All shown
        </Button>
        <Button tone="quiet" onClick={() => set(ids, false)}>
          None shown
        </Button>
      </div>
      <Items
        items={shown}
        empty={
          catalog.items.length === 0
            ? 'The backend has nothing in this window. Try another time.'
            : 'Nothing goes by these words.'
        }
        chosen={chosen}
        onSet={(id, on) => set([id], on)}
      />
      <p className="small second num" role="status">
        {chosen.size === 0 ? 'Nothing chosen.' : selectionText(catalog.items, chosen)}
      </p>
      <Notices notices={catalog.notices} />
    </>
  );
}

interface ItemsProps {
  readonly items: readonly CatalogItem[];
  readonly empty: string;
  readonly chosen: ReadonlySet<string>;
  readonly onSet: (id: string, on: boolean) => void;
}

/** Virtual: a backend may have thousands of metrics. */
function Items({ items, empty, chosen, onSet }: ItemsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  return (
    <div ref={scroller} className="catalog" role="group" aria-label="What to pull" tabIndex={0}>
      {items.length === 0 && <p className="folder-empty">{empty}</p>}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          return (
            item && (
              <Item
                key={item.id}
                item={item}
                top={start}
                chosen={chosen.has(item.id)}
                onSet={onSet}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function Item({
  item: { id, title, signal, count, unit, mapping },
  top,
  chosen,
  onSet,
}: {
  readonly item: CatalogItem;
  readonly top: number;
  readonly chosen: boolean;
  readonly onSet: ItemsProps['onSet'];
}) {
  return (
    <label
      className="catalog-row"
      style={{ transform: `translateY(${top}px)` }}
      title={mapping === undefined ? title : `${title}\nGuessed mapping: ${mapping}`}
    >
      <input
        type="checkbox"
        checked={chosen}
        onChange={(event) => onSet(id, event.target.checked)}
      />
      <span className="cut grow">
        {title}
        {mapping !== undefined && <span className="warn"> guessed: {mapping}</span>}
      </span>
      <span className="small faint">{signal}</span>
      <span className="small num right catalog-count">
        {count === null ? 'not counted' : `${formatCount(count)} ${unit}`}
      </span>
    </label>
  );
}

function Notices({ notices }: { readonly notices: Catalog['notices'] }) {
  return notices.map(({ code, message, severity }) => (
    <p key={code + message} className={`small ${severity === 'info' ? 'faint' : 'warn'}`}>
      {severity === 'info' ? '' : '▲ '}
      {message}
    </p>
  ));
}
