import { memo, type KeyboardEvent } from 'react';
import { parseEntityId } from '../../../../core/model';
import { hoverEntity, selectEntity, togglePinned, useApp, usePointer } from '../../state';
import { entityMenu, openMenu, useColors } from '../../ui';
import type { PlacedLane } from './lanes';
import { lineColor } from './paint-lanes';
import { GUTTER } from './scene';

interface LabelProps {
  readonly lane: PlacedLane;
  readonly tabbable: boolean;
  readonly onToggle: (lane: PlacedLane) => void;
  readonly onKey: (event: KeyboardEvent, lane: PlacedLane) => void;
  readonly onFocus: (lane: PlacedLane) => void;
}

const lineEntity = (lane: PlacedLane): string | undefined =>
  lane.body.kind === 'heat' ? lane.body.entityId : undefined;

/** The name of a lane, in the gutter: where keyboard and screen readers enter it. */
const Label = memo(function Label({ lane, tabbable, onToggle, onKey, onFocus }: LabelProps) {
  const entityId = lineEntity(lane);
  const lit = usePointer((state) => entityId !== undefined && state.entityId === entityId);
  const selected = useApp(
    (state) => entityId !== undefined && state.selection.entityId === entityId,
  );
  const tight = lane.height < 30;
  const pinned = lane.body.kind === 'series' && lane.body.seriesId !== undefined;
  return (
    <li
      className={`tl-lane ${pinned ? 'tl-pinned' : ''}`}
      style={{ top: lane.top, height: lane.height }}
      onContextMenu={(event) => labelMenu(event, lane)}
    >
      <button
        type="button"
        className={`tl-label ${lit ? 'lit' : ''} ${selected ? 'selected' : ''} ${entityId === undefined ? '' : 'tl-entity'}`}
        style={{ height: tight ? lane.height - 1 : 20 }}
        title={lane.hint}
        tabIndex={tabbable ? 0 : -1}
        data-lane={lane.id}
        aria-label={`${lane.label}${lane.sub ? `, ${lane.sub}` : ''}. ${lane.hint}`}
        onClick={() => onToggle(lane)}
        onKeyDown={(event) => onKey(event, lane)}
        onFocus={() => onFocus(lane)}
        onPointerEnter={() => entityId !== undefined && hoverEntity(entityId)}
        onPointerLeave={() => entityId !== undefined && hoverEntity(undefined)}
      >
        <span className="cut">{lane.label}</span>
        {lane.body.kind !== 'series' && <span className="faint small tl-sub">{lane.sub}</span>}
      </button>
      <Legend lane={lane} />
    </li>
  );
});

function labelMenu(event: React.MouseEvent, lane: PlacedLane): void {
  const { body } = lane;
  if (body.kind === 'heat') openMenu(event, entityMenu(parseEntityId(body.entityId)));
  if (body.kind === 'series' && body.seriesId !== undefined) {
    const id = body.seriesId;
    openMenu(event, [{ title: 'Unpin', run: () => togglePinned(id) }]);
  }
}

/** One line a series: colour, name, value at the cursor (written from outside of React). */
function Legend({ lane }: { readonly lane: PlacedLane }) {
  const colors = useColors();
  const { body } = lane;
  if (body.kind !== 'series') return null;
  return (
    <ul className="tl-legend">
      {body.lines.map((line, at) => (
        <li key={line.name}>
          {body.lines.length > 1 && <i style={{ background: lineColor(colors, at) }} />}
          {line.entityId === undefined ? (
            <span className="cut">{line.name}</span>
          ) : (
            <button
              type="button"
              className="cut"
              tabIndex={-1}
              onClick={() => selectEntity(line.entityId)}
              onPointerEnter={() => hoverEntity(line.entityId)}
              onPointerLeave={() => hoverEntity(undefined)}
            >
              {line.name}
            </button>
          )}
          <span className="num tl-value" data-readout={`${lane.id} ${at}`} />
        </li>
      ))}
    </ul>
  );
}

export function Labels({
  lanes,
  height,
  current,
  ...rest
}: Omit<LabelProps, 'lane' | 'tabbable'> & {
  readonly lanes: readonly PlacedLane[];
  readonly height: number;
  /** The lane that Tab enters. */
  readonly current: string | undefined;
}) {
  const tabbable = lanes.some(({ id }) => id === current) ? current : lanes[0]?.id;
  return (
    <ul className="tl-lanes" style={{ height, width: GUTTER }} aria-label="Lanes">
      {lanes.map((lane) => (
        <Label key={lane.id} lane={lane} tabbable={lane.id === tabbable} {...rest} />
      ))}
    </ul>
  );
}
