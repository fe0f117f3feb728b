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
  const [first] = workAreas;
  const area = workAreas.find((candidate) => last && reaches(last.bounds, candidate));
  const { width, height } = last?.bounds ?? USUAL;
  const inside = area ?? first;
  const size = {
    width: Math.min(Math.max(width, SMALLEST.width), inside.width),
    height: Math.min(Math.max(height, SMALLEST.height), inside.height),
  };
  if (last && area) return { x: last.bounds.x, y: last.bounds.y, ...size };
  return {
    x: inside.x + Math.round((inside.width - size.width) / 2),
    y: inside.y + Math.round((inside.height - size.height) / 2),
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
