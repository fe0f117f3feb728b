import { parseEntityId } from '../../../../core/model';
import { select, selectEntity } from '../../state';
import { Empty, formatCount, useTimeText } from '../../ui';
import { droppedText } from './dropped';
import type { MapRow, MapSignal, Run } from './map';
import { SIGNAL_WORD, stretchOf, textOf, type Grid } from './strips';

/** A stretch of the map that is worth a look, with what there is to say of it. */
export interface ToldStretch {
  readonly entityId: string;
  readonly signal: MapSignal;
  readonly run: Pick<Run, 'from' | 'to'>;
  /** Rows that are missing, about, or records that were dropped. */
  readonly rows: number;
  readonly text: string;
}

const byRows = (a: ToldStretch, b: ToldStretch): number => b.rows - a.rows;

/** Every stretch with missing rows, the most rows first. */
export function gapsOf(rows: readonly MapRow[]): readonly ToldStretch[] {
  return rows
    .flatMap(({ entityId, lanes }) =>
      lanes.flatMap(({ signal, runs }) =>
        runs
          .filter(({ state }) => state === 'missing')
          .map((run): ToldStretch => {
            return {
              entityId,
              signal,
              run,
              rows: run.rows,
              text: textOf(run, SIGNAL_WORD[signal]),
            };
          }),
      ),
    )
    .sort(byRows);
}

/** Every stretch with dropped records, the most records first. */
export function droppedOf(rows: readonly MapRow[]): readonly ToldStretch[] {
  return rows
    .flatMap(({ entityId, lanes }) =>
      lanes.flatMap(({ signal, dropped }) =>
        dropped.map((run): ToldStretch => {
          const text = droppedText(run, SIGNAL_WORD[signal]);
          return { entityId, signal, run, rows: run.records, text };
        }),
      ),
    )
    .sort(byRows);
}

const SHOWN = 300;

/** Stretches as a list: a click narrows to the stretch and to what it is about. */
export function Stretches({
  stretches,
  grid,
  label,
  nobody,
  none,
}: {
  readonly stretches: readonly ToldStretch[];
  readonly grid: Grid;
  readonly label: string;
  /** What stands where no entity is named. */
  readonly nobody: string;
  /** Title and sentence where there are none. */
  readonly none: readonly [string, string];
}) {
  const time = useTimeText();
  if (stretches.length === 0) return <Empty title={none[0]}>{none[1]}</Empty>;
  return (
    <ul className="plain-list" aria-label={label}>
      {stretches.slice(0, SHOWN).map(({ entityId, signal, run, text }) => {
        const stretch = stretchOf(run, grid);
        const name = entityId === '' ? nobody : parseEntityId(entityId).name;
        return (
          <li key={`${entityId}/${signal}/${run.from}`} className="cover-gap">
            <button
              type="button"
              className="plain cut"
              title={text}
              onClick={() => {
                if (entityId !== '') selectEntity(entityId);
                select({ range: stretch });
              }}
            >
              <span className="num">
                {time(stretch.from)} – {time(stretch.to)}
              </span>{' '}
              <span className="strong">{name}</span> <span className="second">{text}</span>
            </button>
          </li>
        );
      })}
      {stretches.length > SHOWN && (
        <li className="cover-note faint">and {formatCount(stretches.length - SHOWN)} more</li>
      )}
    </ul>
  );
}
