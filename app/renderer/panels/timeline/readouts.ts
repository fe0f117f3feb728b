import { valueAt, type PlacedLane } from './lanes';
import type { Span } from './scale';

/** The largest value of a line in a stretch; NaN where nothing is known. */
function peakIn(line: Parameters<typeof valueAt>[0], span: Span): number {
  let peak = Number.NaN;
  const { grid, values } = line;
  const first = Math.max(0, Math.floor((span.from - grid.from) / grid.step));
  const last = Math.min(values.length - 1, Math.floor((span.to - grid.from) / grid.step));
  for (let i = first; i <= last; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isFinite(value) && !(value <= peak)) peak = value;
  }
  return peak;
}

/** The text beside each line: its value at the cursor, else its peak in the stretch. By "lane index". */
export function readoutsOf(
  lanes: readonly PlacedLane[],
  cursor: number | undefined,
  stretch: Span,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { id, body } of lanes) {
    if (body.kind !== 'series') continue;
    body.lines.forEach((line, at) => {
      const value = cursor === undefined ? peakIn(line, stretch) : valueAt(line, cursor);
      texts.set(`${id} ${at}`, Number.isFinite(value) ? body.format(value) : '–');
    });
  }
  return texts;
}

/** Writes readouts into the gutter without going through React: they change with every move. */
export function writeReadouts(root: HTMLElement, texts: ReadonlyMap<string, string>): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-readout]')) {
    const text = texts.get(element.dataset['readout'] ?? '') ?? '';
    if (element.textContent !== text) element.textContent = text;
  }
}
