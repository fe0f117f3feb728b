import { paintLive, paintScene, type Preview } from './paint';
import type { Scene } from './scene';

/** Timings are for whoever looks; an unbounded list would be a leak. */
const MEASURES_KEPT = 1000;
let measures = 0;

/**
 * Two canvases over each other: the scene, painted when something is new, and what follows the pointer.
 * Paints at most once a frame, outside of React.
 */
export class Stage {
  scene: Scene | undefined;
  private scrolled = 0;
  private shownPreview: Preview | undefined;
  private shownCursor: number | undefined;
  private shownMarks: readonly number[] = [];
  private sceneStale = true;
  private frame: number | undefined;
  private brushedAt: number | undefined;

  constructor(
    private readonly base: HTMLCanvasElement,
    private readonly top: HTMLCanvasElement,
    private readonly onCursor: (t: number | undefined) => void,
  ) {}

  show(scene: Scene): void {
    this.scene = scene;
    this.invalidate();
  }

  invalidate(): void {
    this.sceneStale = true;
    this.schedule();
  }

  get scrollTop(): number {
    return this.scrolled;
  }
  set scrollTop(value: number) {
    this.scrolled = value;
    this.invalidate();
  }

  get preview(): Preview | undefined {
    return this.shownPreview;
  }
  set preview(value: Preview | undefined) {
    this.shownPreview = value;
    this.schedule();
  }

  get cursor(): number | undefined {
    return this.shownCursor;
  }
  set cursor(value: number | undefined) {
    this.shownCursor = value;
    this.schedule();
  }

  get marks(): readonly number[] {
    return this.shownMarks;
  }
  set marks(value: readonly number[]) {
    this.shownMarks = value;
    this.schedule();
  }

  /** The next paint answers the pointer event of this time stamp: measured as `faultline.brush`. */
  answer(timeStamp: number): void {
    this.brushedAt ??= timeStamp;
    this.schedule();
  }

  dispose(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
    });
  }

  private paint(): void {
    const { scene } = this;
    if (!scene || scene.width === 0 || scene.height === 0) return;
    if (this.sceneStale) {
      this.sceneStale = false;
      const context = prepared(this.base, scene);
      if (context) paintScene(context, scene, this.scrolled);
    }
    const context = prepared(this.top, scene);
    const { preview, cursor, marks } = this;
    if (context) paintLive(context, scene, { preview, cursor, marks });
    this.onCursor(cursor);
    this.measure();
  }

  private measure(): void {
    if (this.brushedAt === undefined) return;
    if (measures++ % MEASURES_KEPT === 0) performance.clearMeasures('faultline.brush');
    performance.measure('faultline.brush', { start: this.brushedAt, end: performance.now() });
    this.brushedAt = undefined;
  }
}

/** The canvas at the size of the scene, in device pixels. */
function prepared(canvas: HTMLCanvasElement, { width, height }: Scene) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
