import {
  ALERT_ROW,
  type AlertBar,
  type ChangeMark,
  type PlacedLane,
  type TemplateMark,
} from './lanes';
import { xOf, type Scale } from './scale';

/** Something in a lane that can be hovered, clicked and right-clicked. */
export type Item =
  | { readonly kind: 'alert'; readonly bar: AlertBar }
  | { readonly kind: 'change'; readonly mark: ChangeMark }
  | { readonly kind: 'template'; readonly mark: TemplateMark }
  | { readonly kind: 'entity'; readonly entityId: string; readonly heat: number };

const REACH = 7;

function nearest<T extends { readonly at: number }>(
  marks: readonly T[],
  scale: Scale,
  x: number,
): T | undefined {
  let best: T | undefined;
  let distance = REACH;
  for (const mark of marks) {
    const away = Math.abs(xOf(scale, mark.at) - x);
    if (away <= distance) [best, distance] = [mark, away];
  }
  return best;
}

/** What lies at pixel `x` of the plot and `y` of the lane. */
export function itemAt(scale: Scale, lane: PlacedLane, x: number, y: number): Item | undefined {
  const { body } = lane;
  switch (body.kind) {
    case 'alerts': {
      const bar = body.bars.find((one) => {
        const top = 4 + one.row * ALERT_ROW;
        const from = xOf(scale, one.from) - 2;
        return (
          y >= top - 1 &&
          y < top + 9 &&
          x >= from &&
          x <= Math.max(from + 5, xOf(scale, one.to)) + 2
        );
      });
      return bar && { kind: 'alert', bar };
    }
    case 'changes': {
      const mark = nearest(body.marks, scale, x);
      return mark && { kind: 'change', mark };
    }
    case 'heat': {
      const heat = body.heat[Math.floor((timeOf(scale, x) - body.grid.from) / body.grid.step)] ?? 0;
      return { kind: 'entity', entityId: body.entityId, heat };
    }
    case 'logs': {
      const mark = y <= 11 ? nearest(body.templates, scale, x) : undefined;
      return mark && { kind: 'template', mark };
    }
    default:
      return undefined;
  }
}

const timeOf = (scale: Scale, x: number): number =>
  scale.from + ((x - scale.left) / scale.width) * (scale.to - scale.from);

/** The entity that an item is about. */
export function entityOf(item: Item | undefined): string | undefined {
  switch (item?.kind) {
    case 'alert':
      return item.bar.entityId;
    case 'change':
    case 'template':
      return item.mark.entityId;
    case 'entity':
      return item.entityId;
    default:
      return undefined;
  }
}
