import { formatRfc3339, windowDuration, type TimeWindow } from '../../../../core/base';
import { caseRange, useApp } from '../../state';
import { formatDateTime, formatDurationNs } from '../../ui';
import { BASELINES, around, baselineOf, type BaselineId } from './request';

export interface WindowText {
  readonly from: string;
  readonly to: string;
}

export const textOf = ({ from, to }: TimeWindow): WindowText => ({
  from: formatRfc3339(from),
  to: formatRfc3339(to),
});

/** Which time: typed or by a preset, and further windows to compare with. */
export function WindowFields({
  text,
  window,
  baselines,
  onText,
  onBaselines,
}: {
  readonly text: WindowText;
  /** What the text means now, or what is wrong with it. */
  readonly window: TimeWindow | string;
  readonly baselines: ReadonlySet<BaselineId>;
  readonly onText: (text: WindowText) => void;
  readonly onBaselines: (ids: ReadonlySet<BaselineId>) => void;
}) {
  const zone = useApp((state) => state.zone);
  const incident = useApp((state) => state.analysis?.incident);
  const range = useApp(caseRange);
  const preset = (title: string, what: WindowText) => (
    <button type="button" className="chip" onClick={() => onText(what)}>
      {title}
    </button>
  );
  return (
    <section aria-label="Time" className="pull-window">
      <div className="field-row">
        <label className="field grow">
          <span>From, UTC unless it says otherwise</span>
          <input
            className="input mono"
            spellCheck={false}
            value={text.from}
            onChange={(event) => onText({ ...text, from: event.target.value })}
          />
        </label>
        <label className="field grow">
          <span>To, not included</span>
          <input
            className="input mono"
            spellCheck={false}
            value={text.to}
            onChange={(event) => onText({ ...text, to: event.target.value })}
          />
        </label>
      </div>
      <div className="pull-presets">
        {preset('last hour', { from: 'now-1h', to: 'now' })}
        {preset('last 6 h', { from: 'now-6h', to: 'now' })}
        {incident && preset('around the incident', textOf(around(incident)))}
        {range && preset('all of the case', textOf(range))}
      </div>
      <p className="num" role="status">
        {typeof window === 'string' ? (
          <span className="warn">▲ {window}</span>
        ) : (
          <span className="second">
            {formatDateTime(window.from, zone)} – {formatDateTime(window.to, zone)} {zone},{' '}
            {formatDurationNs(windowDuration(window))}
          </span>
        )}
      </p>
      <fieldset className="pull-baselines">
        <legend className="small second">To compare with, bring along</legend>
        {BASELINES.map(({ id, title }) => (
          <label
            key={id}
            title={
              typeof window === 'string' ? undefined : windowTitle(baselineOf(window, id), zone)
            }
          >
            <input
              type="checkbox"
              checked={baselines.has(id)}
              onChange={(event) => {
                const next = new Set(baselines);
                if (event.target.checked) next.add(id);
                else next.delete(id);
                onBaselines(next);
              }}
            />{' '}
            {title}
          </label>
        ))}
      </fieldset>
    </section>
  );
}

const windowTitle = ({ from, to }: TimeWindow, zone: string): string =>
  `${formatDateTime(from, zone)} – ${formatDateTime(to, zone)} ${zone}`;
