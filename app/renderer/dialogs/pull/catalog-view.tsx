import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { Catalog } from '../../../../core/connect';
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
  const scroller = useRef<HTMLDivElement>(null);
  // What the backend would choose itself stands first.
  const ordered = useMemo(
    () => [...catalog.items].sort((a, b) => Number(b.selected) - Number(a.selected)),
    [catalog],
  );
  const shown = filterItems(ordered, filter);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
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
      <div ref={scroller} className="catalog" role="group" aria-label="What to pull" tabIndex={0}>
        {shown.length === 0 && (
          <p className="folder-empty">
            {catalog.items.length === 0
              ? 'The backend has nothing in this window. Try another time.'
              : 'Nothing goes by these words.'}
          </p>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = shown[index];
            if (!item) return null;
            const { id, title, signal, count, unit, mapping } = item;
            return (
              <label
                key={id}
                className="catalog-row"
                style={{ transform: `translateY(${start}px)` }}
                title={mapping === undefined ? title : `${title}\nGuessed mapping: ${mapping}`}
              >
                <input
                  type="checkbox"
                  checked={chosen.has(id)}
                  onChange={(event) => set([id], event.target.checked)}
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
          })}
        </div>
      </div>
      <p className="small second num" role="status">
        {chosen.size === 0 ? 'Nothing chosen.' : selectionText(catalog.items, chosen)}
      </p>
      {catalog.notices.map(({ code, message, severity }) => (
        <p key={code + message} className={`small ${severity === 'info' ? 'faint' : 'warn'}`}>
          {severity === 'info' ? '' : '▲ '}
          {message}
        </p>
      ))}
    </>
  );
}
