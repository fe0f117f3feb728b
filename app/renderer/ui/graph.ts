import cytoscape, {
  type Core,
  type ElementDefinition,
  type EventObject,
  type StylesheetJson,
} from 'cytoscape';
import './cytoscape.css';

/** Cytoscape writes a style element of its own unless one with this id is there; our policy forbids it. */
const STYLESHEET_ID = '__________cytoscape_stylesheet';

/** Selectors and what they look like. */
export type GraphStyle = StylesheetJson;

export interface GraphPoint {
  readonly x: number;
  readonly y: number;
}

export interface GraphElement {
  readonly id: string;
  /** Set for edges. */
  readonly source?: string;
  readonly target?: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly classes: readonly string[];
  /** Set for what is only drawn: it can't be hit and doesn't count for the layout. */
  readonly passive?: boolean;
}

export interface GraphEvents {
  /** Undefined for the ground. */
  hover(id: string | undefined): void;
  tap(id: string | undefined): void;
  doubleTap(id: string | undefined): void;
  menu(id: string | undefined, event: MouseEvent): void;
  /** A node was put elsewhere by hand. */
  moved(): void;
}

/** Elements above which hovering lights nothing. */
const MANY = 600;
/** New elements up to here are added in one go; of more, as many chunks a frame as fit its share of time. */
const AT_ONCE = 400;
const CHUNK = 60;
const FRAME_MS = 10;
const LARGEST_FIT = 1.25;
const FIT_MARGIN = 60;
const ZOOM = { least: 0.02, most: 3 };

function elementOf(one: GraphElement, position: GraphPoint | undefined): ElementDefinition {
  const { id, source, target, data, classes, passive } = one;
  const edge = source === undefined ? {} : { source, target };
  return {
    group: source === undefined ? 'nodes' : 'edges',
    data: { ...data, id, ...edge },
    classes: classes.join(' '),
    ...(passive && { selectable: false, grabbable: false }),
    ...(position && { position: { ...position } }),
  };
}

/** Part of Cytoscape's core that its types leave out. */
type Quiet = Core & { noNotifications(act: () => void): void };

/** One Cytoscape instance: made, updated and disposed here and nowhere else. Elements change in place. */
export class Graph {
  private readonly cy: Core;
  /** Set once a person has zoomed or panned: then the graph no longer fits itself to its panel. */
  private touched = false;
  private readonly marks = new Map<string, readonly string[]>();
  private waiting: ElementDefinition[] = [];
  private frame = 0;

  constructor(container: HTMLElement, style: StylesheetJson, many: boolean, events: GraphEvents) {
    if (!document.getElementById(STYLESHEET_ID)) {
      const none = document.createElement('template');
      none.id = STYLESHEET_ID;
      document.head.append(none);
    }
    this.cy = cytoscape({
      container,
      style,
      minZoom: ZOOM.least,
      maxZoom: ZOOM.most,
      autounselectify: true,
      boxSelectionEnabled: false,
      textureOnViewport: many,
      hideEdgesOnViewport: many,
      pixelRatio: many ? 1 : 'auto',
    });
    this.listen(events);
  }

  private listen(events: GraphEvents): void {
    const idOf = (event: EventObject): string | undefined =>
      event.target === this.cy ? undefined : String(event.target.id());
    this.cy.on('mouseover', 'node, edge', (event) => events.hover(idOf(event)));
    this.cy.on('mouseout', 'node, edge', () => events.hover(undefined));
    this.cy.on('tap', (event) => events.tap(idOf(event)));
    this.cy.on('dbltap', (event) => events.doubleTap(idOf(event)));
    this.cy.on('cxttap', (event) => events.menu(idOf(event), event.originalEvent));
    this.cy.on('scrollzoom dragpan pinchzoom', () => {
      this.touched = true;
    });
    this.cy.on('dragfree', 'node', () => events.moved());
  }

  restyle(style: StylesheetJson): void {
    this.cy.style(style);
  }

  /**
   * Adds, changes and removes what differs; what stays keeps its place. Many new elements come in a chunk a
   * frame, so that the page stays awake; a later update takes over from one that is not through.
   */
  update(
    elements: readonly GraphElement[],
    positions: ReadonlyMap<string, GraphPoint> | undefined,
  ): void {
    cancelAnimationFrame(this.frame);
    this.waiting = [];
    const wanted = new Set(elements.map(({ id }) => id));
    const fresh: ElementDefinition[] = [];
    this.cy.batch(() => {
      this.cy.remove(this.cy.elements().filter((one) => !wanted.has(one.id())));
      for (const element of elements) {
        const known = this.cy.getElementById(element.id);
        if (known.empty()) fresh.push(elementOf(element, positions?.get(element.id)));
        else {
          known.data(element.data);
          known.classes([...element.classes]);
          const point = positions?.get(element.id);
          if (point && known.isNode()) known.position({ ...point });
        }
      }
      if (fresh.length <= AT_ONCE) this.cy.add(fresh);
    });
    if (fresh.length <= AT_ONCE) this.remark();
    else {
      this.waiting = fresh;
      this.frame = requestAnimationFrame(() => this.addSome());
    }
  }

  /** Adds what is waiting for as long as a frame may take, then waits for the next frame. */
  private addSome(): void {
    const until = performance.now() + FRAME_MS;
    // Asking for the box makes Cytoscape work out looks and bounds now, a chunk at a time; else it waits with
    // all of that for the first drawing.
    const add = (): unknown => this.cy.add(this.waiting.splice(0, CHUNK)).boundingBox();
    // Drawing all that has come so far, again and again, would take longer than adding it: only the last tells.
    (this.cy as Quiet).noNotifications(() => {
      while (this.waiting.length > CHUNK && performance.now() < until) add();
    });
    if (this.waiting.length <= CHUNK) add();
    if (this.waiting.length > 0) this.frame = requestAnimationFrame(() => this.addSome());
    else this.remark();
  }

  /** Size of the panel, px. */
  size(): { readonly width: number; readonly height: number } {
    return { width: this.cy.width(), height: this.cy.height() };
  }

  positions(): ReadonlyMap<string, GraphPoint> {
    const found = new Map<string, GraphPoint>();
    this.cy.nodes().forEach((node) => {
      if (!node.hasClass('passive')) found.set(node.id(), { ...node.position() });
    });
    return found;
  }

  /** Lights what lies on a path; the rest steps back. Not in large graphs. */
  light(ids: ReadonlySet<string> | undefined): void {
    // Every change of a large graph draws all of it again: the path is not worth the wait there.
    if (this.cy.elements().length > MANY) return;
    this.cy.batch(() => {
      this.cy.elements('.lit').removeClass('lit');
      this.cy.elements('.dim').removeClass('dim');
      if (!ids) return;
      for (const id of ids) this.cy.getElementById(id).addClass('lit');
      this.cy.elements().forEach((one) => {
        const owner = String(one.data('owner') ?? one.id());
        if (!ids.has(owner)) one.addClass('dim');
      });
    });
  }

  /** Gives a class to these elements and to no other. */
  mark(name: string, ids: readonly string[]): void {
    this.marks.set(name, ids);
    this.cy.batch(() => {
      this.cy.elements(`.${name}`).removeClass(name);
      for (const id of ids) this.cy.getElementById(id).addClass(name);
    });
  }

  /** Marks outlive updates: elements that have come or changed get theirs. */
  private remark(): void {
    this.cy.batch(() => {
      for (const [name, ids] of this.marks)
        for (const id of ids) this.cy.getElementById(id).addClass(name);
    });
  }

  /** Shows all of it, names included; of a large graph where the nodes stand, which is quick to know. */
  fit(): void {
    this.touched = false;
    if (this.waiting.length + this.cy.elements().length > MANY) return this.fitPoints();
    this.cy.fit(undefined, 10);
    if (this.cy.zoom() > LARGEST_FIT) {
      this.cy.zoom(LARGEST_FIT);
      this.cy.center();
    }
  }

  private fitPoints(): void {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    const take = ({ x, y }: GraphPoint): void => {
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    };
    for (const { position } of this.waiting) if (position) take(position);
    this.cy.nodes().forEach((node) => take(node.position()));
    const { width, height } = this.size();
    if (right < left || width === 0) return;
    const zoom = Math.min(
      LARGEST_FIT,
      width / (right - left + 2 * FIT_MARGIN),
      height / (bottom - top + 2 * FIT_MARGIN),
    );
    const level = Math.max(ZOOM.least, zoom);
    const pan = {
      x: width / 2 - ((left + right) / 2) * level,
      y: height / 2 - ((top + bottom) / 2) * level,
    };
    this.cy.viewport({ zoom: level, pan });
  }

  /** Brings a node into view, if it is not there already. */
  reveal(id: string): void {
    const node = this.cy.getElementById(id);
    if (node.empty()) return;
    const { x, y } = node.renderedPosition();
    const inside = x > 20 && y > 20 && x < this.cy.width() - 20 && y < this.cy.height() - 30;
    if (!inside) this.cy.center(node);
  }

  /** Zooms around the middle. */
  zoomBy(factor: number): void {
    this.touched = true;
    const level = this.cy.zoom() * factor;
    this.cy.zoom({
      level,
      renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 },
    });
  }

  resize(): void {
    this.cy.resize();
    if (!this.touched) this.fit();
  }

  /** False once it was disposed: React may still hold it for the rest of a commit. */
  get alive(): boolean {
    return !this.cy.destroyed();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.cy.destroy();
  }
}
