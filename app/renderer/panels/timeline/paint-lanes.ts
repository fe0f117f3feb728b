import type { Colors } from '../../ui';
import {
  ALERT_ROW,
  heatStep,
  labelSides,
  peakOf,
  type AlertBar,
  type LaneBody,
  type PlacedLane,
} from './lanes';
import { xOf, type Scale } from './scale';

/** What painting a lane needs. The lane's box is `top` to `top + height`, across the whole plot. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly scale: Scale;
  readonly colors: Colors;
  readonly selected: string | undefined;
}

type Body<K extends LaneBody['kind']> = Extract<LaneBody, { readonly kind: K }>;

export const fontOf = (colors: Colors, size = 11): string => `${size}px ${colors.font}`;

export function paintLane(pen: Pen, lane: PlacedLane, top: number): void {
  const { body, height } = lane;
  switch (body.kind) {
    case 'alerts':
      return paintAlerts(pen, body, top, height);
    case 'changes':
      return paintChanges(pen, body, top, height);
    case 'heat':
      return paintHeat(pen, body, top, height);
    case 'series':
      return paintSeries(pen, body, top, height);
    case 'logs':
      return paintLogs(pen, body, top, height);
    case 'more':
      return;
  }
}

/** As much of a text as has room, '' where that is next to nothing; the tip has it whole. */
function cutTo(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [fits, most] = [0, text.length];
  while (fits < most) {
    const length = (fits + most + 1) >> 1;
    if (context.measureText(`${text.slice(0, length)}…`).width <= room) fits = length;
    else most = length - 1;
  }
  return fits < 8 ? '' : `${text.slice(0, fits).trimEnd()}…`;
}

function paintBar(
  { context, colors }: Pen,
  { severity, member }: AlertBar,
  { from, to, y, thick }: { from: number; to: number; y: number; thick: number },
): void {
  context.fillStyle = { critical: colors.crit, warning: colors.warn, info: colors['fg-2'] }[
    severity
  ];
  context.globalAlpha = member ? 0.7 : 0.9;
  context.fillRect(from, y + (8 - thick) / 2, to - from, thick);
  context.globalAlpha = 1;
}

/** A label stands beside its bar, or in it where neither side has room. */
function paintAlerts(
  pen: Pen,
  { bars, notes, hidden }: Body<'alerts'>,
  top: number,
  height: number,
): void {
  const { context, scale, colors } = pen;
  context.font = fontOf(colors, 10);
  context.textBaseline = 'middle';
  const right = scale.left + scale.width;
  const ends = new Map<number, number>();
  for (const bar of bars) {
    const from = xOf(scale, bar.from);
    const to = Math.max(from + 3, xOf(scale, bar.to));
    if (to < scale.left || from > right) continue;
    const y = top + 4 + bar.row * ALERT_ROW;
    const width = context.measureText(bar.label).width;
    const before = ends.get(bar.row) ?? scale.left;
    ends.set(bar.row, to + 5 + width);
    const side =
      to + 5 + width <= right ? 'right' : from - 5 - width >= before ? 'left' : undefined;
    paintBar(pen, bar, { from, to, y, thick: bar.member ? 4 : side ? 8 : 10 });
    context.fillStyle = colors['fg-1'];
    if (side === 'right') context.fillText(bar.label, to + 5, y + 4.5);
    else if (side === 'left') context.fillText(bar.label, from - 5 - width, y + 4.5);
    else if (!bar.member) {
      const [begin, end] = [Math.max(from, scale.left), Math.min(to, right)];
      context.fillStyle = colors['bg-0'];
      context.fillText(cutTo(context, bar.label, end - begin - 10), begin + 5, y + 4.5);
    }
  }
  context.fillStyle = colors['fg-2'];
  for (const { row, text } of notes) {
    const y = top + 4 + row * ALERT_ROW + 4.5;
    context.fillText(cutTo(context, text, scale.width - 12), scale.left + 6, y);
  }
  if (hidden > 0) {
    context.fillStyle = colors['fg-2'];
    context.fillText(
      `${hidden} more groups: click the lane's name`,
      scale.left + 6,
      top + height - 7,
    );
  }
}

function paintChanges(
  { context, scale, colors }: Pen,
  { marks }: Body<'changes'>,
  top: number,
  height: number,
): void {
  const visible = marks.filter(({ at }) => at >= scale.from && at <= scale.to);
  context.font = fontOf(colors);
  context.textBaseline = 'middle';
  const middle = top + height / 2;
  const xs = visible.map(({ at }) => xOf(scale, at));
  const widths = visible.map(({ label }) => 14 + context.measureText(label).width);
  const sides = labelSides(
    xs,
    widths,
    visible.map(({ named }) => named),
    { from: scale.left, to: scale.left + scale.width },
  );
  visible.forEach((mark, i) => {
    const x = xs[i] ?? 0;
    context.beginPath();
    context.moveTo(x, middle - 5.5);
    context.lineTo(x + 5.5, middle);
    context.lineTo(x, middle + 5.5);
    context.lineTo(x - 5.5, middle);
    context.closePath();
    context.fillStyle = mark.named ? colors.change : colors['bg-1'];
    context.fill();
    context.strokeStyle = colors.change;
    context.lineWidth = 1.2;
    context.stroke();
    const side = sides[i];
    if (!side) return;
    context.fillStyle = mark.named ? colors['fg-0'] : colors['fg-1'];
    const start = side === 'right' ? x + 10 : x + 4 - (widths[i] ?? 0);
    const next = Math.min(scale.left + scale.width, ...xs.filter((other) => other > x)) - 8;
    const text = side === 'right' ? cutText(context, mark.label, next - start) : mark.label;
    context.fillText(text, start, middle + 0.5);
  });
}

/** As much of a text as fits, with an ellipsis where it was cut; nothing where not even that fits. */
function cutText(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  for (let length = text.length - 1; length > 2; length--) {
    const cut = `${text.slice(0, length).trimEnd()}…`;
    if (context.measureText(cut).width <= room) return cut;
  }
  return '';
}

function paintHeat(
  { context, scale, colors, selected }: Pen,
  body: Body<'heat'>,
  top: number,
  height: number,
): void {
  const { grid, heat, entityId } = body;
  const fills = [
    colors['heat-0'],
    colors['heat-1'],
    colors['heat-2'],
    colors['heat-3'],
    colors['heat-4'],
  ];
  const first = Math.max(0, Math.floor((scale.from - grid.from) / grid.step));
  const last = Math.min(heat.length - 1, Math.floor((scale.to - grid.from) / grid.step));
  for (let i = first; i <= last; i++) {
    const x = xOf(scale, grid.from + i * grid.step);
    const end = xOf(scale, grid.from + (i + 1) * grid.step);
    const from = Math.max(scale.left, x);
    const gap = end - x > 3 ? 1 : 0;
    context.fillStyle = fills[heatStep(heat[i] ?? 0)] ?? colors['heat-0'];
    context.fillRect(from, top + 2, end - gap - from, height - 4);
  }
  if (selected !== entityId) return;
  context.strokeStyle = colors.accent;
  context.lineWidth = 1;
  context.strokeRect(scale.left + 0.5, top + 0.5, scale.width - 1, height - 1);
}

function paintSeries(pen: Pen, body: Body<'series'>, top: number, height: number): void {
  const { context, scale, colors } = pen;
  const peak = peakOf(body.lines, scale);
  const yOf = (value: number): number =>
    top + height - 4 - (peak > 0 ? value / peak : 0) * (height - 10);
  body.lines.forEach(({ level }, i) => {
    if (level === undefined || !Number.isFinite(level)) return;
    context.setLineDash([2, 3]);
    context.strokeStyle = body.lines.length > 1 ? lineColor(colors, i) : colors.base;
    context.globalAlpha = 0.65;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(scale.left, yOf(level));
    context.lineTo(scale.left + scale.width, yOf(level));
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  });
  body.lines.forEach((line, i) => {
    const { grid, values } = line;
    const first = Math.max(0, Math.floor((scale.from - grid.from) / grid.step) - 1);
    const last = Math.min(values.length - 1, Math.ceil((scale.to - grid.from) / grid.step) + 1);
    context.strokeStyle = lineColor(colors, i);
    context.lineWidth = pen.selected === line.entityId && line.entityId !== undefined ? 2.2 : 1.4;
    context.beginPath();
    let drawing = false;
    for (let b = first; b <= last; b++) {
      const value = values[b] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      const x = xOf(scale, grid.from + (b + 0.5) * grid.step);
      if (drawing) context.lineTo(x, yOf(value));
      else context.moveTo(x, yOf(value));
      drawing = true;
    }
    context.stroke();
  });
  if (peak <= 0) return;
  context.font = fontOf(colors, 10);
  context.textBaseline = 'top';
  const text = body.format(peak);
  context.fillStyle = colors['bg-1'];
  context.globalAlpha = 0.7;
  context.fillRect(scale.left + 2, top + 2, context.measureText(text).width + 4, 12);
  context.globalAlpha = 1;
  context.fillStyle = colors['fg-2'];
  context.fillText(text, scale.left + 4, top + 3);
}

export function lineColor(colors: Colors, at: number): string {
  return colors.series[at] ?? colors['fg-2'];
}

function paintLogs(
  { context, scale, colors }: Pen,
  body: Body<'logs'>,
  top: number,
  height: number,
): void {
  const { grid, errors, warnings, templates } = body;
  const first = Math.max(0, Math.floor((scale.from - grid.from) / grid.step));
  const last = Math.min(grid.buckets - 1, Math.floor((scale.to - grid.from) / grid.step));
  let peak = 0;
  for (let i = first; i <= last; i++) peak = Math.max(peak, (errors[i] ?? 0) + (warnings[i] ?? 0));
  const bottom = top + height - 2;
  const unit = peak > 0 ? (height - 14) / peak : 0;
  for (let i = first; i <= last; i++) {
    const x = Math.max(scale.left, xOf(scale, grid.from + i * grid.step));
    const width = Math.max(1, xOf(scale, grid.from + (i + 1) * grid.step) - x - 1);
    const red = (errors[i] ?? 0) * unit;
    const amber = (warnings[i] ?? 0) * unit;
    context.globalAlpha = 0.8;
    context.fillStyle = colors.crit;
    context.fillRect(x, bottom - red, width, red);
    context.globalAlpha = 0.55;
    context.fillStyle = colors.warn;
    context.fillRect(x, bottom - red - amber, width, amber);
  }
  context.globalAlpha = 1;
  context.fillStyle = colors.change;
  for (const { at } of templates) {
    const x = xOf(scale, at);
    if (x < scale.left - 5 || x > scale.left + scale.width + 5) continue;
    context.beginPath();
    context.moveTo(x, top + 2);
    context.lineTo(x + 4.5, top + 9);
    context.lineTo(x - 4.5, top + 9);
    context.closePath();
    context.fill();
  }
}
