import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { Catalog, CatalogItem } from '../../../../core/connect';
import { attempt, track, workbench } from '../../state';
import { Button, formatCount, plural } from '../../ui';
import { catalogRows, estimateText, isOver, type CatalogRow } from './catalog-rows';
import { filterItems, selectionText } from './request';

const ROW = 26;

interface ProposeProps {
  readonly catalog: Catalog;
  /** Rows a signal may bring; undefined while that is no number. */
  readonly budget: number | undefined;
  readonly onChoose: (ids: ReadonlySet<string>) => void;
}

/** Chooses what the connector proposes within the budget, where it knows what its things are for. */
function Matters({ catalog, budget, onChoose }: ProposeProps) {
  if (!catalog.groups) return null;
  const propose = (): void =>
    attempt('What matters could not be told', async () => {
      const { ids } = await track(workbench().propose(catalog, budget ?? 0));
      onChoose(new Set(ids));
    });
  return (
    <Button
      tone="quiet"
      disabled={budget === undefined}
      title="Chooses what an incident is usually understood by, as much of it as the rows allow"
      onClick={propose}
    >
      What matters
    </Button>
  );
}

/** What the backend has in the window, with counts taken first; chosen by checkbox. */
export function CatalogView({
  catalog,
  chosen,
  budget,
  onChoose,
}: ProposeProps & { readonly chosen: ReadonlySet<string> }) {
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
          placeholder={`Filter ${plural(catalog.items.length, 'thing')}`}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Matters catalog={catalog} budget={budget} onChoose={onChoose} />
        <Button tone="quiet" onClick={() => set(ids, true)}>
          All shown
        </Button>
        <Button tone="quiet" onClick={() => set(ids, false)}>
          None shown
        </Button>
      </div>
      <Items
        rows={catalogRows(shown, catalog.groups)}
        empty={
          catalog.items.length === 0
            ? 'The backend has nothing in this window. Try another time.'
            : 'Nothing goes by these words.'
        }
        chosen={chosen}
        onSet={set}
      />
      <Chosen items={catalog.items} chosen={chosen} budget={budget} />
      <Notices notices={catalog.notices} />
    </>
  );
}

/** What is chosen, and what it would bring against what it may. */
function Chosen({
  items,
  chosen,
  budget,
}: {
  readonly items: readonly CatalogItem[];
  readonly chosen: ReadonlySet<string>;
  readonly budget: number | undefined;
}) {
  const own = items.filter(({ id }) => chosen.has(id));
  const estimate = estimateText(own);
  const over = isOver(own, budget);
  return (
    <p className="small second num" role="status">
      {chosen.size === 0 ? 'Nothing chosen.' : selectionText(items, chosen)}
      {estimate !== undefined && (
        <span className={over ? 'warn' : 'faint'}>
          {over ? ' ▲ ' : ' · '}
          {estimate}
          {over ? ', more than the rows below allow: only some will come' : ''}
        </span>
      )}
    </p>
  );
}

interface ItemsProps {
  readonly rows: readonly CatalogRow[];
  readonly empty: string;
  readonly chosen: ReadonlySet<string>;
  readonly onSet: (ids: readonly string[], on: boolean) => void;
}

/** Virtual: a backend may have thousands of metrics. */
function Items({ rows, empty, chosen, onSet }: ItemsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  return (
    <div ref={scroller} className="catalog" role="group" aria-label="What to pull" tabIndex={0}>
      {rows.length === 0 && <p className="folder-empty">{empty}</p>}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row?.kind === 'group') {
            return (
              <Group
                key={`group ${row.group.id}`}
                row={row}
                top={start}
                chosen={chosen}
                onSet={onSet}
              />
            );
          }
          return (
            row && (
              <Item
                key={row.item.id}
                item={row.item}
                top={start}
                chosen={chosen.has(row.item.id)}
                onSet={onSet}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** A group's heading: chooses all of it that is shown. */
function Group({
  row: { group, items },
  top,
  chosen,
  onSet,
}: {
  readonly row: Extract<CatalogRow, { kind: 'group' }>;
  readonly top: number;
  readonly chosen: ReadonlySet<string>;
  readonly onSet: ItemsProps['onSet'];
}) {
  const ids = items.map(({ id }) => id);
  const count = ids.filter((id) => chosen.has(id)).length;
  return (
    <label
      className="catalog-row catalog-group"
      style={{ transform: `translateY(${top}px)` }}
      title={group.why}
    >
      <input
        type="checkbox"
        aria-label={`All of ${group.title}`}
        checked={count === ids.length}
        ref={(box) => {
          if (box) box.indeterminate = count > 0 && count < ids.length;
        }}
        onChange={(event) => onSet(ids, event.target.checked)}
      />
      <span className="cut grow">
        {group.title} <span className="small faint">{group.why}</span>
      </span>
      <span className="small faint num">
        {formatCount(count)} of {formatCount(ids.length)}
      </span>
      <span className="small faint num right">{estimateText(items)}</span>
    </label>
  );
}

function Item({
  item: { id, title, signal, count, unit, mapping, guessed, estimate },
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
      title={mapping === undefined ? title : `${title}\n${mapping}`}
    >
      <input
        type="checkbox"
        checked={chosen}
        onChange={(event) => onSet([id], event.target.checked)}
      />
      <span className="cut grow">
        {title}
        {mapping !== undefined && <span className={guessed ? 'warn' : 'second'}> {mapping}</span>}
      </span>
      <span className="small faint">{signal}</span>
      {estimate && (
        <span className="small faint num right catalog-count">
          ~{formatCount(estimate.rows)} rows
        </span>
      )}
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
