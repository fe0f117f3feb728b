import { plural } from '../../ui';
import type { Lane } from './lanes';
import type { Scene } from './scene';

/** The timeline in sentences, for screen readers. */
export function summaryOf(
  { view, incident, baseline, range }: Pick<Scene, 'view' | 'incident' | 'baseline' | 'range'>,
  lanes: readonly Lane[],
  timeText: (t: number) => string,
): string {
  const between = (name: string, span: { from: number; to: number } | undefined): string =>
    span ? `${name} from ${timeText(span.from)} to ${timeText(span.to)}. ` : '';
  const hot = lanes
    .filter(({ body }) => body.kind === 'heat')
    .slice(0, 3)
    .map(({ label }) => label);
  return [
    between('Shown', view),
    between('Incident', incident),
    between('Baseline', baseline),
    between('Selected', range),
    hot.length > 0 ? `Most abnormal: ${hot.join(', ')}. ` : '',
    `${plural(lanes.length, 'lane')}. Arrow keys move between lanes and along the time, Shift selects time, Enter follows what is under the cursor.`,
  ].join('');
}
