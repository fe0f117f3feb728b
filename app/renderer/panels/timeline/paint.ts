import { fontOf, paintLane } from './paint-lanes';
import { xOf, type Scale, type Span } from './scale';
import { AXIS, GUTTER, HEAD, mainScale, OVERVIEW, wholeScale, type Scene } from './scene';

type Context = CanvasRenderingContext2D;

/** What moves while a pointer drags; painted over the scene. */
export interface Preview {
  readonly kind: 'range' | 'incident' | 'baseline' | 'view';
  readonly span: Span;
}

function clipped(scale: Scale, span: Span): { readonly from: number; readonly to: number } {
  const right = scale.left + scale.width;
  const clamp = (x: number): number => Math.min(right, Math.max(scale.left, x));
  return { from: clamp(xOf(scale, span.from)), to: clamp(xOf(scale, span.to)) };
}

const inside = (scale: Scale, t: number): boolean => t >= scale.from && t <= scale.to;

function band(
  context: Context,
  scale: Scale,
  span: Span,
  y: number,
  height: number,
  fill: string,
): void {
  const { from, to } = clipped(scale, span);
  if (to <= from) return;
  context.fillStyle = fill;
  context.fillRect(from, y, to - from, height);
}

/** A vertical hairline at a time, if the scale shows it. */
function rule(context: Context, scale: Scale, t: number, y: number, height: number): void {
  if (!inside(scale, t)) return;
  const x = Math.round(xOf(scale, t)) + 0.5;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x, y + height);
  context.stroke();
}

export function paintScene(context: Context, scene: Scene, scrollTop: number): void {
  const { width, height, colors, lanes } = scene;
  const scale = mainScale(scene);
  context.clearRect(0, 0, width, height);
  if (scene.baseline) band(context, scale, scene.baseline, OVERVIEW, height, colors['base-dim']);
  if (scene.incident) band(context, scale, scene.incident, OVERVIEW, height, colors['inc-dim']);
  paintOverview(context, scene);
  paintAxis(context, scene, scale);
  context.save();
  context.beginPath();
  context.rect(0, HEAD, width, height - HEAD);
  context.clip();
  context.strokeStyle = colors.line;
  context.lineWidth = 1;
  for (const { at } of scene.ticks) rule(context, scale, at, HEAD, height);
  for (const lane of lanes) {
    const top = HEAD + lane.top - scrollTop;
    if (top + lane.height < HEAD || top > height) continue;
    context.fillStyle = colors.line;
    context.fillRect(0, top + lane.height - 1, width, 1);
    context.save();
    context.beginPath();
    context.rect(scale.left, top, scale.width, lane.height);
    context.clip();
    paintLane({ context, scale, colors, selected: scene.selected }, lane, top);
    context.restore();
  }
  context.restore();
  if (scene.incident) brackets(context, scene, scale);
}

/** The incident in rose: a line at either end, dashed while the analysis has not answered. */
function brackets(context: Context, scene: Scene, scale: Scale): void {
  const { incident, colors, height, pending } = scene;
  if (!incident) return;
  context.strokeStyle = colors.inc;
  context.lineWidth = 1;
  context.globalAlpha = 0.8;
  context.setLineDash(pending === 'incident' ? [4, 3] : []);
  rule(context, scale, incident.from, OVERVIEW, height);
  rule(context, scale, incident.to, OVERVIEW, height);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function paintOverview(context: Context, scene: Scene): void {
  const { colors, overview, width } = scene;
  const scale = wholeScale(scene);
  if (scene.baseline) band(context, scale, scene.baseline, 0, OVERVIEW, colors['base-dim']);
  if (scene.incident) band(context, scale, scene.incident, 0, OVERVIEW, colors['inc-dim']);
  if (overview) {
    const { grid, volume, heat } = overview;
    const steps = [colors['heat-1'], colors['heat-2'], colors['heat-3'], colors['heat-3']];
    for (let i = 0; i < grid.buckets; i++) {
      const x = Math.max(scale.left, xOf(scale, grid.from + i * grid.step));
      const end = Math.min(scale.left + scale.width, xOf(scale, grid.from + (i + 1) * grid.step));
      const bar = Math.max(1, end - x - 1);
      const grey = (volume[i] ?? 0) * 12;
      const hot = Math.min(1, (heat[i] ?? 0) * 1.6) * 22;
      context.fillStyle = colors['line-strong'];
      context.fillRect(x, OVERVIEW - 2 - grey, bar, grey);
      context.fillStyle = steps[Math.min(3, Math.floor((heat[i] ?? 0) * 8))] ?? colors['heat-3'];
      context.fillRect(x, OVERVIEW - 2 - grey - hot, bar, hot);
    }
  }
  context.strokeStyle = colors.inc;
  context.lineWidth = 2;
  if (scene.incident) bracket(context, scale, scene.incident, scene.pending === 'incident');
  context.fillStyle = colors.base;
  if (scene.baseline) {
    const { from, to } = clipped(scale, scene.baseline);
    context.fillRect(from, 0, to - from, 2);
  }
  context.fillStyle = colors.line;
  context.fillRect(0, OVERVIEW - 1, width, 1);
}

function bracket(context: Context, scale: Scale, span: Span, dashed: boolean): void {
  const { from, to } = clipped(scale, span);
  context.setLineDash(dashed ? [3, 2] : []);
  context.beginPath();
  context.moveTo(from + 5, 1);
  context.lineTo(from + 1, 1);
  context.lineTo(from + 1, OVERVIEW - 2);
  context.lineTo(from + 5, OVERVIEW - 2);
  context.moveTo(to - 5, 1);
  context.lineTo(to - 1, 1);
  context.lineTo(to - 1, OVERVIEW - 2);
  context.lineTo(to - 5, OVERVIEW - 2);
  context.stroke();
  context.setLineDash([]);
}

function paintAxis(context: Context, scene: Scene, scale: Scale): void {
  const { colors, ticks, incident, baseline, width } = scene;
  context.font = fontOf(colors);
  context.textBaseline = 'middle';
  context.strokeStyle = colors.line;
  context.lineWidth = 1;
  const right = scale.left + scale.width;
  for (const { at, text } of ticks) {
    rule(context, scale, at, OVERVIEW, AXIS);
    const x = xOf(scale, at) + 4;
    context.fillStyle = colors['fg-2'];
    if (x + context.measureText(text).width < right) context.fillText(text, x, OVERVIEW + 9);
  }
  // The bodies that a window is moved by.
  if (baseline) band(context, scale, baseline, HEAD - 4, 3, colors.base);
  if (incident) band(context, scale, incident, HEAD - 4, 3, colors.inc);
  for (const [span, color] of [
    [baseline, colors.base],
    [incident, colors.inc],
  ] as const) {
    if (!span) continue;
    context.fillStyle = color;
    for (const t of [span.from, span.to])
      if (inside(scale, t)) context.fillRect(xOf(scale, t) - 1.5, HEAD - 10, 3, 9);
  }
  context.fillStyle = colors.line;
  context.fillRect(0, HEAD - 1, width, 1);
}

export interface Live {
  readonly preview: Preview | undefined;
  readonly cursor: number | undefined;
  readonly marks: readonly number[];
}

/** What changes with every move of the pointer, on its own canvas. */
export function paintLive(context: Context, scene: Scene, live: Live): void {
  const { width, height, colors } = scene;
  const scale = mainScale(scene);
  const { preview } = live;
  context.clearRect(0, 0, width, height);
  const range = preview?.kind === 'range' ? preview.span : scene.range;
  if (range) rangeBand(context, scene, scale, range);
  if (preview?.kind === 'incident' || preview?.kind === 'baseline') {
    const color = preview.kind === 'incident' ? colors.inc : colors.base;
    const dim = preview.kind === 'incident' ? colors['inc-dim'] : colors['base-dim'];
    band(context, scale, preview.span, OVERVIEW, height, dim);
    band(context, wholeScale(scene), preview.span, 0, OVERVIEW, dim);
    context.strokeStyle = color;
    context.lineWidth = 2;
    for (const t of [preview.span.from, preview.span.to]) {
      rule(context, scale, t, OVERVIEW, height);
      rule(context, wholeScale(scene), t, 0, OVERVIEW);
    }
  }
  const view = preview?.kind === 'view' ? preview.span : scene.zoomed ? scene.view : undefined;
  if (view) viewHandles(context, scene, view);
  for (const mark of live.marks) paintMark(context, scene, scale, mark);
  if (live.cursor !== undefined) paintCursor(context, scene, scale, live.cursor, live.marks);
}

function rangeBand(context: Context, scene: Scene, scale: Scale, range: Span): void {
  const { colors, height } = scene;
  band(context, scale, range, OVERVIEW, height, colors['accent-dim']);
  band(context, wholeScale(scene), range, 0, OVERVIEW, colors['accent-dim']);
  context.strokeStyle = colors.accent;
  context.lineWidth = 1;
  rule(context, scale, range.from, OVERVIEW, height);
  rule(context, scale, range.to, OVERVIEW, height);
}

/** The stretch that is shown, in the overview: the rest is dimmed, handles at its ends. */
function viewHandles(context: Context, scene: Scene, view: Span): void {
  const { colors } = scene;
  const scale = wholeScale(scene);
  const { from, to } = clipped(scale, view);
  context.fillStyle = colors['bg-0'];
  context.globalAlpha = 0.55;
  context.fillRect(scale.left, 0, from - scale.left, OVERVIEW - 1);
  context.fillRect(to, 0, scale.left + scale.width - to, OVERVIEW - 1);
  context.globalAlpha = 1;
  context.strokeStyle = colors['fg-1'];
  context.lineWidth = 1;
  context.strokeRect(from + 0.5, 0.5, Math.max(1, to - from - 1), OVERVIEW - 2);
  context.fillStyle = colors['fg-1'];
  for (const x of [from, to]) context.fillRect(x - 2, OVERVIEW / 2 - 8, 4, 16);
}

function paintMark(context: Context, scene: Scene, scale: Scale, t: number): void {
  if (!inside(scale, t)) return;
  context.strokeStyle = scene.colors['fg-1'];
  context.lineWidth = 1;
  rule(context, scale, t, OVERVIEW, scene.height);
  const x = xOf(scale, t);
  context.fillStyle = scene.colors['fg-1'];
  context.beginPath();
  context.moveTo(x, OVERVIEW + 1);
  context.lineTo(x + 8, OVERVIEW + 4.5);
  context.lineTo(x, OVERVIEW + 8);
  context.closePath();
  context.fill();
}

function paintCursor(
  context: Context,
  scene: Scene,
  scale: Scale,
  t: number,
  marks: readonly number[],
): void {
  const { colors, height } = scene;
  if (!inside(scale, t)) return;
  context.strokeStyle = colors['fg-0'];
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  rule(context, scale, t, HEAD, height);
  context.setLineDash([]);
  const last = marks.at(-1);
  const since = last === undefined ? '' : `   mark ${signed(t - last)}`;
  const text = `${scene.timeText(t)}${since}`;
  context.font = `600 ${fontOf(colors)}`;
  context.textBaseline = 'middle';
  const wide = context.measureText(text).width + 12;
  const right = scale.left + scale.width;
  const x = Math.min(right - wide, Math.max(GUTTER, xOf(scale, t) - 1));
  context.fillStyle = colors['fg-0'];
  context.fillRect(x, OVERVIEW + 1, wide, 16);
  context.fillStyle = colors['bg-0'];
  context.fillText(text, x + 6, OVERVIEW + 9.5);
}

function signed(ms: number): string {
  const size = Math.abs(ms);
  const text =
    size < 60_000
      ? `${(size / 1000).toFixed(size < 10_000 ? 2 : 1)} s`
      : `${Math.floor(size / 60_000)} min ${Math.round((size % 60_000) / 1000)} s`;
  return `${ms < 0 ? '−' : '+'}${text}`;
}
