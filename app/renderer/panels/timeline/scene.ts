import type { Colors } from '../../ui';
import type { PlacedLane } from './lanes';
import type { WindowName } from './drag';
import type { Grid, Scale, Span } from './scale';

export const GUTTER = 176;
export const RIGHT = 12;
export const OVERVIEW = 40;
export const AXIS = 22;
export const HEAD = OVERVIEW + AXIS;

/** Everything that is painted, as of one render. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly whole: Span;
  readonly view: Span;
  readonly zoomed: boolean;
  readonly lanes: readonly PlacedLane[];
  readonly overview:
    { readonly grid: Grid; readonly volume: Float64Array; readonly heat: Float64Array } | undefined;
  readonly incident: Span | undefined;
  readonly baseline: Span | undefined;
  /** A window that was just changed: dashed until the analysis has answered. */
  readonly pending: WindowName | undefined;
  readonly range: Span | undefined;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly selected: string | undefined;
  readonly colors: Colors;
  /** The label of the cursor. */
  readonly timeText: (t: number) => string;
}

const plotWidth = (scene: Scene): number => Math.max(1, scene.width - GUTTER - RIGHT);

/** The scale that axis and lanes share. */
export const mainScale = (scene: Scene): Scale => ({
  ...scene.view,
  left: GUTTER,
  width: plotWidth(scene),
});

/** The overview always shows the whole case. */
export const wholeScale = (scene: Scene): Scale => ({
  ...scene.whole,
  left: GUTTER,
  width: plotWidth(scene),
});
