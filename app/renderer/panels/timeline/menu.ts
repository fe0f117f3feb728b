import { formatRfc3339, type TimeWindow } from '../../../../core/base';
import { parseEntityId } from '../../../../core/model';
import { select, setBaseline, setIncident, setView, showPanel, useApp } from '../../state';
import { entityMenu, type MenuItem } from '../../ui';
import { entityOf, type Item } from './hits';
import { absolute, windowOf, zoomAt, type Origin, type Span } from './scale';

/** The stretch that a right click means: the brushed one around it, else that of what was hit. */
export function meant(
  t: number,
  range: Span | undefined,
  item: Item | undefined,
): Span | undefined {
  if (range && t >= range.from && t <= range.to) return range;
  if (item?.kind === 'alert' && item.bar.to > item.bar.from)
    return { from: item.bar.from, to: item.bar.to };
  return range;
}

export function timelineMenu(
  t: number,
  item: Item | undefined,
  view: Span,
  whole: Span,
  range: Span | undefined,
  origin: Origin,
  mark: (t: number) => void,
): readonly (MenuItem | 'line')[] {
  const span = meant(t, range, item);
  const window: TimeWindow | undefined = span && windowOf(span, origin);
  const at = absolute(t, origin);
  const { analysis } = useApp.getState();
  const entityId = entityOf(item);
  return [
    ...(entityId === undefined ? [] : [...entityMenu(parseEntityId(entityId)), 'line' as const]),
    {
      title: 'Explain this selection',
      disabled: !window,
      run: () => {
        select({ range: window });
        showPanel('explain');
      },
    },
    { title: 'Make this the incident', disabled: !window, run: () => setIncident(window) },
    { title: 'Make this the baseline', disabled: !window, run: () => setBaseline(window) },
    ...(analysis && at < analysis.incident.to
      ? [
          {
            title: 'Start the incident here',
            run: () => setIncident({ from: at, to: analysis.incident.to }),
          },
        ]
      : []),
    'line',
    {
      title: 'Zoom to here',
      run: () => setView(window ?? windowOf(zoomAt(view, whole, t, 0.25), origin)),
    },
    { title: 'Show the whole case', run: () => setView(undefined) },
    ...(range
      ? [{ title: 'Clear the brushed time', run: () => select({ range: undefined }) }]
      : []),
    'line',
    { title: 'Mark here', run: () => mark(t) },
    {
      title: 'Copy time',
      run: () => void navigator.clipboard.writeText(formatRfc3339(at)),
    },
  ];
}
