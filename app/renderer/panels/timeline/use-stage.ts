import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type RefObject,
} from 'react';
import type { TimeWindow } from '../../../../core/base';
import {
  hoverEntity,
  pointAt,
  select,
  selectEntity,
  setBaseline,
  setIncident,
  setView,
  useApp,
  useCommandList,
  usePointer,
} from '../../state';
import { backendItems, openMenu } from '../../ui';
import type { WindowName } from './drag';
import { Gestures, type GestureActions } from './gestures';
import { entityOf, itemAt, type Item } from './hits';
import type { PlacedLane } from './lanes';
import { stepKey } from './keys';
import { timelineMenu } from './menu';
import { readoutsOf, writeReadouts } from './readouts';
import { absolute, relative, windowOf, xOf, type Origin, type Span } from './scale';
import { mainScale, type Scene } from './scene';
import { Stage } from './stage';
import { tipOf } from './tip';

/** Size of an element, followed. */
export function useSize(ref: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    setSize({ width: element.clientWidth, height: element.clientHeight });
    return () => observer.disconnect();
  }, [ref]);
  return size;
}

/** A window that was dragged stands where it was dropped, until the analysis has answered or given up. */
export function usePending() {
  const [windows, setWindows] = useState<Partial<Record<WindowName, TimeWindow>>>({});
  const analysis = useApp((state) => state.analysis);
  const running = useApp((state) =>
    state.jobs.some((job) => job.kind === 'analyze' && job.state === 'running'),
  );
  useEffect(() => setWindows({}), [analysis]);
  useEffect(() => {
    if (!running) setWindows({});
  }, [running]);
  return useMemo(() => {
    const which: WindowName | undefined = windows.incident
      ? 'incident'
      : windows.baseline && 'baseline';
    const change = (name: WindowName, window: TimeWindow): void => {
      setWindows({ [name]: window });
      if (name === 'incident') setIncident(window);
      else setBaseline(window);
    };
    return { windows, which, change };
  }, [windows]);
}

interface StageOptions {
  readonly toggleGroup: (groupId: string) => void;
  readonly changeWindow: (which: WindowName, window: TimeWindow) => void;
}

interface Newest {
  readonly scene: Scene;
  readonly origin: Origin;
  readonly options: StageOptions;
}

const NEAR_MARK = 6;

/** The stage on the canvases of the root; it goes when they go. */
function useMounted(
  root: RefObject<HTMLDivElement | null>,
  newest: RefObject<Newest>,
): RefObject<Stage | undefined> {
  const stage = useRef<Stage | undefined>(undefined);
  useEffect(() => {
    const element = root.current;
    const [base, top] = element?.querySelectorAll('canvas') ?? [];
    if (!element || !base || !top) return;
    const made = new Stage(base, top, (cursor) => {
      const { lanes, incident, view } = newest.current.scene;
      writeReadouts(element, readoutsOf(lanes, cursor, incident ?? view));
    });
    stage.current = made;
    made.show(newest.current.scene);
    const gestures = new Gestures(element, made, actionsOf(element, made, newest));
    const off = usePointer.subscribe(({ cursor }) => {
      made.cursor = cursor === undefined ? undefined : relative(cursor, newest.current.origin);
    });
    const lanes = element.querySelector('.tl-scroll');
    const scrolled = (): void => {
      made.scrollTop = lanes?.scrollTop ?? 0;
    };
    lanes?.addEventListener('scroll', scrolled, { passive: true });
    void document.fonts.ready.then(() => made.invalidate());
    return () => {
      off();
      lanes?.removeEventListener('scroll', scrolled);
      gestures.dispose();
      made.dispose();
    };
  }, [root, newest]);
  return stage;
}

function useMarkCommand(stage: RefObject<Stage | undefined>, newest: RefObject<Newest>): void {
  useCommandList([
    {
      id: 'timeline.mark',
      title: 'Mark the time under the pointer; again takes the mark away',
      group: 'Time',
      keys: ['M'],
      enabled: () => usePointer.getState().cursor !== undefined,
      run: () => {
        const { cursor } = usePointer.getState();
        if (stage.current && cursor !== undefined)
          toggleMark(stage.current, relative(cursor, newest.current.origin));
      },
    },
  ]);
}

/** What Enter follows in a lane: its entity, or what stands under the cursor. */
function followed(lane: PlacedLane, stage: Stage | undefined, scene: Scene): Item | undefined {
  if (lane.body.kind === 'heat') return { kind: 'entity', entityId: lane.body.entityId, heat: 0 };
  const cursor = stage?.cursor;
  if (cursor === undefined) return undefined;
  const scale = mainScale(scene);
  const x = xOf(scale, cursor);
  for (let y = 2; y < lane.height; y += 4) {
    const item = itemAt(scale, lane, x, y);
    if (item) return item;
  }
  return undefined;
}

/** The canvases, what the pointer does on them, and keys. */
export function useStage(
  root: RefObject<HTMLDivElement | null>,
  scene: Scene,
  origin: Origin,
  options: StageOptions,
) {
  const newest = useRef({ scene, origin, options });
  useLayoutEffect(() => {
    newest.current = { scene, origin, options };
  });

  const stage = useMounted(root, newest);
  useLayoutEffect(() => {
    stage.current?.show(scene);
  }, [stage, scene]);

  useMarkCommand(stage, newest);
  return {
    /** A click on a lane's name. */
    activate: (lane: PlacedLane): void => {
      if (lane.body.kind === 'heat') selectEntity(lane.body.entityId);
    },
    key: (event: KeyboardEvent, lane: PlacedLane): void => {
      if (event.key === 'Enter') {
        const item = followed(lane, stage.current, newest.current.scene);
        if (!item) return;
        event.preventDefault();
        follow(item, newest.current.options);
        return;
      }
      const { scene: now, origin: zero } = newest.current;
      const step = stepKey(event, stage.current?.cursor, now);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      if (step.lane !== undefined) {
        root.current
          ?.querySelector<HTMLElement>(`[data-lane="${CSS.escape(step.lane(lane.id))}"]`)
          ?.focus();
        return;
      }
      pointAt(absolute(step.cursor, zero));
      if (step.range) select({ range: windowOf(step.range, zero) });
    },
  };
}

function toggleMark(stage: Stage, t: number): void {
  const { scene } = stage;
  if (!scene) return;
  const scale = mainScale(scene);
  const near = stage.marks.filter((mark) => Math.abs(xOf(scale, mark) - xOf(scale, t)) < NEAR_MARK);
  stage.marks =
    near.length > 0 ? stage.marks.filter((mark) => !near.includes(mark)) : [...stage.marks, t];
}

function follow(item: Item, { toggleGroup }: StageOptions): void {
  if (item.kind === 'alert' && !item.bar.member) return toggleGroup(item.bar.groupId);
  const entityId = entityOf(item);
  if (entityId !== undefined) selectEntity(entityId);
}

function actionsOf(root: HTMLElement, stage: Stage, newest: RefObject<Newest>): GestureActions {
  const tip = root.querySelector<HTMLElement>('.tl-tip');
  const whole = (span: Span, of: Span): boolean => span.from <= of.from && span.to >= of.to;
  const show = (view: Span | undefined): void => {
    const { scene, origin } = newest.current;
    setView(view && !whole(view, scene.whole) ? windowOf(view, origin) : undefined);
  };
  let lit: string | undefined;
  return {
    setView: show,
    setRange: (range) => select({ range: range && windowOf(range, newest.current.origin) }),
    setWindow: (which, span) =>
      newest.current.options.changeWindow(which, windowOf(span, newest.current.origin)),
    point: (t) => pointAt(t === undefined ? undefined : absolute(t, newest.current.origin)),
    hover: (item, at) => {
      const entityId = entityOf(item);
      if (entityId !== lit) hoverEntity(entityId);
      lit = entityId;
      if (tip) tipOf(tip, item, at, newest.current.scene);
    },
    click: (item) => follow(item, newest.current.options),
    menu: (event, t, item) => {
      const { scene, origin } = newest.current;
      const { view, whole: all, range } = scene;
      openMenu(
        event,
        timelineMenu(t, item, view, all, range, origin, (at) => toggleMark(stage, at)),
        item?.kind === 'alert' && item.bar.alert
          ? backendItems({ kind: 'alert', ...item.bar.alert })
          : undefined,
      );
    },
    zoomOut: () => {
      const { scene } = newest.current;
      const { incident, view } = scene;
      const there =
        incident && Math.abs(view.from - incident.from) < 1 && Math.abs(view.to - incident.to) < 1;
      show(scene.zoomed && there ? undefined : (scene.range ?? incident));
    },
  };
}
