import { parseEntityId } from '../../../../core/model';
import { formatPercent } from '../../ui';
import type { Item } from './hits';
import type { Scene } from './scene';

/** What an item is, in words. */
export function tipText(item: Item, timeText: (t: number) => string): string {
  switch (item.kind) {
    case 'alert':
      return `${item.bar.title.replace(/\.$/, '')}. ${timeText(item.bar.from)}`;
    case 'change': {
      const who =
        item.mark.entityId === undefined ? '' : `, ${parseEntityId(item.mark.entityId).name}`;
      return `${item.mark.label} (${item.mark.kind}${who}). ${timeText(item.mark.at)}`;
    }
    case 'template':
      return `${item.mark.text} ${timeText(item.mark.at)}`;
    case 'entity':
      return `${parseEntityId(item.entityId).name}: ${item.heat > 0 ? `${formatPercent(item.heat)} of the scale of abnormal` : 'as usual'}`;
  }
}

/** Shows, moves or hides the tooltip; outside of React, because it follows the pointer. */
export function tipOf(
  element: HTMLElement,
  item: Item | undefined,
  at: { readonly x: number; readonly y: number },
  scene: Scene,
): void {
  element.hidden = item === undefined;
  if (!item) return;
  element.textContent = tipText(item, scene.timeText);
  const { offsetWidth, offsetHeight } = element;
  const below = at.y + 14 + offsetHeight < scene.height;
  element.style.left = `${Math.max(0, Math.min(at.x + 12, scene.width - offsetWidth - 4))}px`;
  element.style.top = `${below ? at.y + 14 : at.y - offsetHeight - 8}px`;
}
