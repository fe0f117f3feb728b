import { Button, Grow, openMenu, Toolbar } from '../../ui';
import type { AsOf, ViewOptions } from './use-view';

interface ToolsProps {
  readonly options: ViewOptions;
  readonly diff: boolean;
  readonly finding: boolean;
  readonly hasRange: boolean;
  readonly hasBaseline: boolean;
  readonly onOptions: (change: Partial<ViewOptions>) => void;
  readonly onDiff: (on: boolean) => void;
  readonly onFind: (on: boolean) => void;
  readonly onFit: () => void;
  readonly onZoom: (factor: number) => void;
  readonly onLayout: () => void;
}

const STEP = 1.3;

/** As of when, what is shown, and the view. */
export function Tools(props: ToolsProps) {
  const { options, diff, finding, hasBaseline } = props;
  return (
    <Toolbar label="Topology">
      <AsOfSelect {...props} />
      <Grow />
      <Button
        tone="quiet"
        aria-pressed={finding}
        title="Find a node by name"
        onClick={() => props.onFind(!finding)}
      >
        Find
      </Button>
      <Button
        tone="quiet"
        aria-pressed={diff}
        disabled={!hasBaseline}
        title="Diff with the baseline: appeared green, vanished dashed, degraded red"
        onClick={() => props.onDiff(!diff)}
      >
        Diff
      </Button>
      <Button
        tone="quiet"
        aria-pressed={options.unhealthyOnly}
        title="Hide what is healthy"
        onClick={() => props.onOptions({ unhealthyOnly: !options.unhealthyOnly })}
      >
        Hide healthy
      </Button>
      <Button
        tone="quiet"
        aria-label="More"
        title="Instances and hosts, fit, zoom, lay out again"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const at = { preventDefault: () => undefined, clientX: box.left, clientY: box.bottom };
          openMenu(at, moreItems(props));
        }}
      >
        ⋯
      </Button>
    </Toolbar>
  );
}

function AsOfSelect({ options, hasRange, hasBaseline, onOptions }: ToolsProps) {
  return (
    <select
      className="topo-asof"
      aria-label="As of"
      title="The time that the graph shows"
      value={options.asOf}
      onChange={(event) => onOptions({ asOf: event.target.value as AsOf })}
    >
      <option value="incident">as of incident</option>
      <option value="baseline" disabled={!hasBaseline}>
        as of baseline
      </option>
      <option value="selection" disabled={!hasRange}>
        as of selection
      </option>
      <option value="moment">as of moment</option>
    </select>
  );
}

function moreItems({ options, onOptions, onFit, onZoom, onLayout }: ToolsProps) {
  return [
    {
      title: options.places ? 'Hide instances and hosts' : 'Show instances and hosts',
      run: () => onOptions({ places: !options.places }),
    },
    'line' as const,
    { title: 'Fit', run: onFit },
    { title: 'Zoom in', run: () => onZoom(STEP) },
    { title: 'Zoom out', run: () => onZoom(1 / STEP) },
    { title: 'Lay out again', run: onLayout },
  ];
}
