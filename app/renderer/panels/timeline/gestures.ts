import { dragged, edgeAt, partAt, type Drag, type WindowName } from './drag';
import { itemAt, type Item } from './hits';
import { laneAt, type PlacedLane } from './lanes';
import type { Preview } from './paint';
import { panBy, timeAt, within, xOf, zoomAt, type Span } from './scale';
import { GUTTER, HEAD, mainScale, OVERVIEW, wholeScale, type Scene } from './scene';
import type { Stage } from './stage';

const MOVED = 4;
const ZOOM_A_PIXEL = 1.0025;

export interface GestureActions {
  setView(view: Span | undefined): void;
  setRange(range: Span | undefined): void;
  setWindow(which: WindowName, span: Span): void;
  point(t: number | undefined): void;
  hover(item: Item | undefined, at: { readonly x: number; readonly y: number }): void;
  click(item: Item): void;
  menu(event: MouseEvent, t: number, item: Item | undefined): void;
  zoomOut(): void;
}

interface Press {
  readonly drag: Drag;
  readonly x: number;
  readonly y: number;
  readonly item: Item | undefined;
  /** What was shown before: where a cancelled drag goes back to. */
  readonly before: Span | undefined;
  moved: boolean;
}

/** Pointer and wheel on the plot. Keys are the panel's. Times are relative ms, pixels those of the panel. */
export class Gestures {
  private press: Press | undefined;
  private readonly off = new AbortController();

  constructor(
    private readonly root: HTMLElement,
    private readonly stage: Stage,
    private readonly actions: GestureActions,
  ) {
    const { signal } = this.off;
    root.addEventListener('pointerdown', (e) => this.down(e), { signal });
    root.addEventListener('pointermove', (e) => this.move(e), { signal });
    root.addEventListener('pointerup', (e) => this.up(e), { signal });
    root.addEventListener('pointercancel', () => this.cancel(), { signal });
    root.addEventListener('pointerleave', () => this.leave(), { signal });
    root.addEventListener('dblclick', (e) => this.double(e), { signal });
    root.addEventListener('contextmenu', (e) => this.context(e), { signal });
    root.addEventListener('wheel', (e) => this.wheel(e), { signal, passive: false });
    // Before anyone else: while something is dragged, Escape belongs to the drag.
    window.addEventListener('keydown', (e) => this.key(e), { signal, capture: true });
  }

  dispose(): void {
    this.off.abort();
  }

  private place(event: MouseEvent): { x: number; y: number; scene: Scene } | undefined {
    const { scene } = this.stage;
    if (!scene) return undefined;
    const box = this.root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, scene };
  }

  private laneOf(scene: Scene, y: number): PlacedLane | undefined {
    return y < HEAD ? undefined : laneAt(scene.lanes, y - HEAD + this.stage.scrollTop);
  }

  private itemOf(scene: Scene, x: number, y: number): Item | undefined {
    const lane = this.laneOf(scene, y);
    if (!lane || x < GUTTER) return undefined;
    return itemAt(mainScale(scene), lane, x, y - HEAD + this.stage.scrollTop - lane.top);
  }

  private down(event: PointerEvent): void {
    const at = this.place(event);
    if (!at || at.x < GUTTER || at.x > at.scene.width - 4 || event.button > 1) return;
    const drag = dragOf(at.scene, at.x, at.y, event.button === 1 || event.shiftKey);
    const { x, y, scene } = at;
    const before = scene.zoomed ? scene.view : undefined;
    this.press = { drag, x, y, item: this.itemOf(scene, x, y), before, moved: false };
    this.root.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  private move(event: PointerEvent): void {
    const at = this.place(event);
    if (!at) return;
    const { press } = this;
    if (!press) return this.hover(at.scene, at.x, at.y);
    if (!press.moved && Math.hypot(at.x - press.x, at.y - press.y) < MOVED) return;
    press.moved = true;
    this.actions.hover(undefined, at);
    const span = this.spanOf(press.drag, at.scene, at.x);
    if (press.drag.kind === 'pan' || press.drag.kind === 'view') this.actions.setView(span);
    else this.stage.preview = previewOf(press.drag, span);
    this.actions.point(this.timeOf(press.drag, at.scene, at.x));
    this.stage.answer(event.timeStamp);
  }

  private timeOf(drag: Drag, scene: Scene, x: number): number {
    const scale = drag.kind === 'view' ? wholeScale(scene) : mainScale(scene);
    return within(timeAt(scale, x), scene.whole);
  }

  private spanOf(drag: Drag, scene: Scene, x: number): Span {
    return dragged(drag, this.timeOf(drag, scene, x), x, scene.whole);
  }

  private up(event: PointerEvent): void {
    const { press } = this;
    const at = this.place(event);
    this.press = undefined;
    this.stage.preview = undefined;
    if (!press || !at) return;
    this.root.releasePointerCapture(event.pointerId);
    if (!press.moved) {
      if (press.item) this.actions.click(press.item);
      else if (press.y > OVERVIEW) this.actions.setRange(undefined);
      return;
    }
    const span = this.spanOf(press.drag, at.scene, at.x);
    if (press.drag.kind === 'brush') {
      // An edge dragged onto the other one leaves nothing to select.
      const scale = mainScale(at.scene);
      const seen = xOf(scale, span.to) - xOf(scale, span.from) >= 2;
      this.actions.setRange(seen ? span : undefined);
    }
    if (press.drag.kind === 'window') this.actions.setWindow(press.drag.which, span);
    this.stage.answer(event.timeStamp);
  }

  private cancel(): void {
    const { press } = this;
    this.press = undefined;
    this.stage.preview = undefined;
    if (press?.moved && (press.drag.kind === 'pan' || press.drag.kind === 'view'))
      this.actions.setView(press.before);
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.press) return;
    event.preventDefault();
    event.stopPropagation();
    this.cancel();
  }

  private hover(scene: Scene, x: number, y: number): void {
    if (x < GUTTER || x > scene.width - 4) {
      this.actions.point(undefined);
      this.actions.hover(undefined, { x, y });
      this.root.style.cursor = '';
      return;
    }
    const scale = y < OVERVIEW ? wholeScale(scene) : mainScale(scene);
    this.actions.point(within(timeAt(scale, x), scene.whole));
    const item = this.itemOf(scene, x, y);
    this.actions.hover(item, { x, y });
    this.root.style.cursor = cursorOf(dragOf(scene, x, y, false), item);
  }

  private leave(): void {
    if (this.press) return;
    this.actions.point(undefined);
    this.actions.hover(undefined, { x: 0, y: 0 });
  }

  private double(event: MouseEvent): void {
    const at = this.place(event);
    if (at && at.x >= GUTTER) this.actions.zoomOut();
  }

  private context(event: MouseEvent): void {
    const at = this.place(event);
    if (!at || at.x < GUTTER) return;
    const scale = at.y < OVERVIEW ? wholeScale(at.scene) : mainScale(at.scene);
    const t = within(timeAt(scale, at.x), at.scene.whole);
    this.actions.menu(event, t, this.itemOf(at.scene, at.x, at.y));
  }

  private wheel(event: WheelEvent): void {
    const at = this.place(event);
    if (!at || at.x < GUTTER) return;
    const { scene } = at;
    const scale = mainScale(scene);
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const factor = ZOOM_A_PIXEL ** (event.deltaMode === 1 ? event.deltaY * 33 : event.deltaY);
      this.actions.setView(
        zoomAt(scene.view, scene.whole, within(timeAt(scale, at.x), scene.view), factor),
      );
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      const ms = (sideways * (scene.view.to - scene.view.from)) / scale.width;
      this.actions.setView(panBy(scene.view, scene.whole, ms));
    } else return;
    event.preventDefault();
    this.stage.answer(event.timeStamp);
  }
}

function previewOf(drag: Drag, span: Span): Preview | undefined {
  if (drag.kind === 'brush') return { kind: 'range', span };
  return drag.kind === 'window' ? { kind: drag.which, span } : undefined;
}

/** What a press at this place would drag. */
export function dragOf(scene: Scene, x: number, y: number, pan: boolean): Drag {
  const scale = mainScale(scene);
  const t = within(timeAt(scale, x), scene.whole);
  if (pan) {
    const msPerPixel = (scene.view.to - scene.view.from) / scale.width;
    return { kind: 'pan', start: scene.view, x, msPerPixel };
  }
  if (y < OVERVIEW) return overviewDrag(scene, x);
  if (y < HEAD) {
    for (const which of ['incident', 'baseline'] as const) {
      const start = scene[which];
      const part = y > HEAD - 12 ? partAt(scale, start, x) : edgeAt(scale, start, x);
      if (start && part) return { kind: 'window', which, part, start, grabbed: t };
    }
  }
  const edge = edgeAt(scale, scene.range, x);
  if (edge && scene.range) {
    return { kind: 'brush', anchor: edge === 'from' ? scene.range.to : scene.range.from };
  }
  return { kind: 'brush', anchor: t };
}

function overviewDrag(scene: Scene, x: number): Drag {
  const scale = wholeScale(scene);
  const t = within(timeAt(scale, x), scene.whole);
  const part = scene.zoomed ? partAt(scale, scene.view, x) : undefined;
  if (part && part !== 'body') return { kind: 'view', part, start: scene.view, grabbed: t };
  for (const which of ['incident', 'baseline'] as const) {
    const edge = edgeAt(scale, scene[which], x);
    const start = scene[which];
    if (start && edge) return { kind: 'window', which, part: edge, start, grabbed: t };
  }
  if (part) return { kind: 'view', part, start: scene.view, grabbed: t };
  return { kind: 'view', part: 'to', start: { from: t, to: t }, grabbed: t };
}

function cursorOf(drag: Drag, item: Item | undefined): string {
  if (drag.kind === 'window' || drag.kind === 'view') {
    const made = drag.kind === 'view' && drag.start.from === drag.start.to;
    if (made) return 'crosshair';
    return drag.part === 'body' ? 'grab' : 'ew-resize';
  }
  return item ? 'pointer' : 'default';
}
