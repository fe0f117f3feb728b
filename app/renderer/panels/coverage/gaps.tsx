import { parseEntityId } from '../../../../core/model';
import { select, selectEntity } from '../../state';
import { Empty, formatCount, useTimeText } from '../../ui';
import type { MapRow, MapSignal, Run } from './map';
import { SIGNAL_WORD, stretchOf, type Grid } from './strips';

export interface MissingStretch {
  readonly entityId: string;
  readonly signal: MapSignal;
  readonly run: Run;
}

/** Every stretch with missing rows, the most rows first. */
export function gapsOf(rows: readonly MapRow[]): readonly MissingStretch[] {
  return rows
    .flatMap(({ entityId, lanes }) =>
      lanes.flatMap(({ signal, runs }) =>
        runs
          .filter(({ state }) => state === 'missing')
          .map((run): MissingStretch => ({ entityId, signal, run })),
      ),
    )
    .sort((a, b) => b.run.rows - a.run.rows);
}

const SHOWN = 300;

/** The gaps as a list: a click narrows to the stretch and to what it is about. */
export function Gaps({
  gaps,
  grid,
}: {
  readonly gaps: readonly MissingStretch[];
  readonly grid: Grid;
}) {
  const time = useTimeText();
  if (gaps.length === 0) {
    return (
      <Empty title="Nothing is missing">
        Wherever rows were to be expected in the stretch shown, there are some.
      </Empty>
    );
  }
  return (
    <ul className="plain-list" aria-label="Stretches with missing rows">
      {gaps.slice(0, SHOWN).map(({ entityId, signal, run }) => {
        const stretch = stretchOf(run, grid);
        const name = entityId === '' ? 'everything' : parseEntityId(entityId).name;
        return (
          <li key={`${entityId}/${signal}/${run.from}`} className="cover-gap">
            <button
              type="button"
              className="plain cut"
              onClick={() => {
                if (entityId !== '') selectEntity(entityId);
                select({ range: stretch });
              }}
            >
              <span className="num">
                {time(stretch.from)} – {time(stretch.to)}
              </span>{' '}
              <span className="strong">{name}</span>{' '}
              <span className="second">
                no {SIGNAL_WORD[signal]}, about {formatCount(Math.round(run.rows))} were to be
                expected
              </span>
            </button>
          </li>
        );
      })}
      {gaps.length > SHOWN && (
        <li className="cover-note faint">and {formatCount(gaps.length - SHOWN)} more</li>
      )}
    </ul>
  );
}
