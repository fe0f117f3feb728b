import { z } from 'zod';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  readonly bounds: Rectangle;
  readonly maximized: boolean;
}

const whole = z.number().int();
export const windowStateSchema: z.ZodType<WindowState> = z.object({
  bounds: z.object({ x: whole, y: whole, width: whole, height: whole }),
  maximized: z.boolean(),
});

export const SMALLEST = { width: 900, height: 600 } as const;
const USUAL = { width: 1440, height: 900 } as const;

/**
 * Where the window goes: as it was, if a display still shows a good part of it (its title bar can be
 * reached), else in the middle of the first one. Sizes in device-independent pixels.
 */
export function placeWindow(
  last: WindowState | undefined,
  workAreas: readonly [Rectangle, ...Rectangle[]],
): Rectangle {
  const { width, height } = last?.bounds ?? USUAL;
  const fitted = (area: Rectangle): { readonly width: number; readonly height: number } => ({
    width: Math.min(Math.max(width, SMALLEST.width), area.width),
    height: Math.min(Math.max(height, SMALLEST.height), area.height),
  });
  for (const area of last ? workAreas : []) {
    const bounds = { x: last?.bounds.x ?? 0, y: last?.bounds.y ?? 0, ...fitted(area) };
    if (reaches(bounds, area)) return bounds;
  }
  const [first] = workAreas;
  const size = fitted(first);
  return {
    x: first.x + Math.round((first.width - size.width) / 2),
    y: first.y + Math.round((first.height - size.height) / 2),
    ...size,
  };
}

const REACHABLE = 100;

function reaches(bounds: Rectangle, area: Rectangle): boolean {
  const right = Math.min(bounds.x + bounds.width, area.x + area.width);
  const visible = right - Math.max(bounds.x, area.x);
  const titleBar = bounds.y >= area.y && bounds.y < area.y + area.height - REACHABLE;
  return visible >= REACHABLE && titleBar;
}
