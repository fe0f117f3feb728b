import { formatRfc3339, windowDuration, type TimeWindow } from '../../../../core/base';
import { caseRange, useApp } from '../../state';
import { formatDateTime, formatDurationNs } from '../../ui';
import { TextField } from '../text-field';
import type { WindowText } from './question';
import { BASELINES, around, baselineOf, type BaselineId } from './request';

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
  return (
    <section aria-label="Time" className="pull-window">
      <div className="field-row">
        <TextField
          label="From, UTC unless it says otherwise"
          grow
          mono
          value={text.from}
          onChange={(from) => onText({ ...text, from })}
        />
        <TextField
          label="To, not included"
          grow
          mono
          value={text.to}
          onChange={(to) => onText({ ...text, to })}
        />
      </div>
      <Presets onText={onText} />
      <Meaning window={window} />
      <Baselines window={window} baselines={baselines} onBaselines={onBaselines} />
    </section>
  );
}

function Presets({ onText }: { readonly onText: (text: WindowText) => void }) {
  const incident = useApp((state) => state.analysis?.incident);
  const range = useApp(caseRange);
  const preset = (title: string, what: WindowText) => (
    <button type="button" className="chip" onClick={() => onText(what)}>
      {title}
    </button>
  );
  return (
    <div className="pull-presets">
      {preset('last hour', { from: 'now-1h', to: 'now' })}
      {preset('last 6 h', { from: 'now-6h', to: 'now' })}
      {incident && preset('around the incident', textOf(around(incident)))}
      {range && preset('all of the case', textOf(range))}
    </div>
  );
}

function Meaning({ window }: { readonly window: TimeWindow | string }) {
  const zone = useApp((state) => state.zone);
  return (
    <p className="num" role="status">
      {typeof window === 'string' ? (
        <span className="warn">▲ {window}</span>
      ) : (
        <span className="second">
          {windowTitle(window, zone)}, {formatDurationNs(windowDuration(window))}
        </span>
      )}
    </p>
  );
}

function Baselines({
  window,
  baselines,
  onBaselines,
}: {
  readonly window: TimeWindow | string;
  readonly baselines: ReadonlySet<BaselineId>;
  readonly onBaselines: (ids: ReadonlySet<BaselineId>) => void;
}) {
  const zone = useApp((state) => state.zone);
  const set = (id: BaselineId, on: boolean): void => {
    const next = new Set(baselines);
    if (on) next.add(id);
    else next.delete(id);
    onBaselines(next);
  };
  return (
    <fieldset className="pull-baselines">
      <legend className="small second">To compare with, bring along</legend>
      {BASELINES.map(({ id, title }) => (
        <label
          key={id}
          title={typeof window === 'string' ? undefined : windowTitle(baselineOf(window, id), zone)}
        >
          <input
            type="checkbox"
            checked={baselines.has(id)}
            onChange={(event) => set(id, event.target.checked)}
          />{' '}
          {title}
        </label>
      ))}
    </fieldset>
  );
}

const windowTitle = ({ from, to }: TimeWindow, zone: string): string =>
  `${formatDateTime(from, zone)} – ${formatDateTime(to, zone)} ${zone}`;
