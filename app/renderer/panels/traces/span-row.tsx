import type { MouseEvent } from 'react';
import { parseEntityId } from '../../../../core/model';
import { select } from '../../state';
import { formatMs } from '../../ui';
import type { Stretch } from './trace-model';

/** One span as it is drawn: times in ns, from the trace's start. */
export interface SpanFacts {
  readonly id: string;
  readonly entityId: string;
  readonly name: string;
  readonly message: string;
  readonly failed: boolean;
  readonly start: number;
  readonly duration: number;
  readonly self: number;
  readonly depth: number;
  readonly children: number;
}

const DEEPEST_INDENT = 24;

interface RowProps {
  readonly span: SpanFacts;
  readonly top: number;
  readonly zoom: Stretch;
  readonly colour: (service: string) => string;
  readonly folded: boolean;
  readonly selected: boolean;
  readonly critical: readonly (readonly [number, number])[] | undefined;
  readonly ticks: readonly (readonly [number, number])[] | undefined;
  readonly onFold: () => void;
  readonly onMenu: (event: MouseEvent) => void;
}

/** A span in the waterfall: its name in the tree, its bar on the time axis. */
export function SpanRow(props: RowProps) {
  const { span, top, folded, selected, onMenu } = props;
  const own = `${formatMs(span.duration / 1e6)}, ${formatMs(span.self / 1e6)} of it own time`;
  return (
    <div
      className={`span-row ${selected ? 'on' : ''}`}
      role="treeitem"
      aria-level={span.depth + 1}
      aria-selected={selected}
      aria-expanded={span.children > 0 ? !folded : undefined}
      style={{ transform: `translateY(${top}px)` }}
      title={`${parseEntityId(span.entityId).name}: ${span.name}\n${own}${span.failed ? '\nfailed' : ''}`}
      onClick={() => select({ spanId: selected ? undefined : span.id })}
      onContextMenu={onMenu}
    >
      <Name {...props} />
      <Lane {...props} />
    </div>
  );
}

function Name({ span, colour, folded, onFold }: RowProps) {
  return (
    <span
      className="span-name"
      style={{ paddingLeft: 6 + Math.min(span.depth, DEEPEST_INDENT) * 10 }}
    >
      <button
        type="button"
        className="fold"
        tabIndex={-1}
        disabled={span.children === 0}
        aria-label={folded ? 'Unfold' : 'Fold'}
        onClick={(event) => {
          event.stopPropagation();
          onFold();
        }}
      >
        {span.children === 0 ? '' : folded ? '▸' : '▾'}
      </button>
      <i style={{ background: colour(span.entityId) }} />
      <span className="strong">{parseEntityId(span.entityId).name}</span>{' '}
      <span className={span.failed ? 'crit' : 'second'}>{span.name}</span>
    </span>
  );
}

/** Where the figure beside the bar would run out of the lane, in percent. */
const NO_ROOM_AFTER = 82;

function Lane({ span, zoom, colour, critical, ticks }: RowProps) {
  const share = (ns: number): number => ((ns - zoom.from) / (zoom.to - zoom.from)) * 100;
  const [from, to] = [share(span.start), share(span.start + span.duration)];
  return (
    <span className="span-lane">
      <i
        className={`span-bar ${span.failed ? 'failed' : ''}`}
        style={{
          left: `${from}%`,
          width: `max(2px, ${to - from}%)`,
          background: colour(span.entityId),
        }}
      />
      {critical?.map(([a, b]) => (
        <i
          key={a}
          className="span-critical"
          style={{ left: `${share(a)}%`, width: `max(1px, ${share(b) - share(a)}%)` }}
        />
      ))}
      {ticks?.map(([at, severity], n) => (
        <i
          key={n}
          className={`span-tick ${severity >= 17 ? 'error' : ''}`}
          style={{ left: `${share(at)}%` }}
        />
      ))}
      <span
        className="span-time small num"
        style={
          to > NO_ROOM_AFTER
            ? { right: `${Math.max(0, 100 - from) + 0.5}%` }
            : { left: `calc(${Math.max(0, to)}% + 5px)` }
        }
      >
        {formatMs(span.duration / 1e6)}
      </span>
    </span>
  );
}
