import {
  CLOCK_ANCHOR_WORDS,
  clockText,
  lengthText,
  renderSql,
  settingOf,
  shiftText,
  type ClockEstimate,
  type ClockPair,
  type ClockSetting,
} from '../../../../core/model';
import { clockAnchorRows } from '../../../../core/model/queries';
import { applyClocks, showRows, toggleRawClocks, undo, useApp, useClockReport } from '../../state';
import { Button, Empty, Failure, Grow, Skeleton, Tag, plural } from '../../ui';

const NONE: readonly never[] = [];

/** Most rows that are listed behind anchors. */
const ROWS = 5000;

function useNames(): (sourceId: number) => string {
  const sources = useApp((state) => state.info?.facts.sources ?? NONE);
  const names = new Map(sources.map(({ sourceId, name }) => [sourceId, name]));
  return (id) => names.get(id) ?? `source ${id}`;
}

const now = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** How far the clocks of the sources are apart, by what; and shifts of the view that take it back. */
export function Clocks() {
  const { data, error, loading } = useClockReport();
  const settings = useApp((state) => state.info?.facts.clocks.settings ?? NONE);
  if (error) return <Failure error={error} />;
  if (!data) return loading ? <Skeleton /> : null;
  const { sources, pairs, notices } = data;
  if (sources.length < 2 && settings.length === 0) {
    return (
      <Empty title="One source, one clock">
        Clocks are compared by what two sources tell of: calls, log lines of spans, the same line or
        alert in both.
      </Empty>
    );
  }
  return (
    <>
      <ClockBar estimates={sources} settings={settings} />
      <ul className="plain-list" aria-label="Clocks of the sources">
        {sources.map((estimate) => (
          <Clock
            key={estimate.sourceId}
            estimate={estimate}
            pairs={pairs.filter(({ a, b }) => a === estimate.sourceId || b === estimate.sourceId)}
            setting={settings.find(({ sourceId }) => sourceId === estimate.sourceId)}
          />
        ))}
      </ul>
      {notices.map(({ message }) => (
        <p key={message} className="notice-none small faint">
          {message}
        </p>
      ))}
    </>
  );
}

/** What is done for all sources at once. */
function ClockBar({
  estimates,
  settings,
}: {
  readonly estimates: readonly ClockEstimate[];
  readonly settings: readonly ClockSetting[];
}) {
  const raw = useApp((state) => state.info?.facts.clocks.raw ?? false);
  const undoable = useApp((state) => state.past.at(-1)?.kind === 'clocks');
  const name = useNames();
  const applied = settings.filter((setting) => setting.applied);
  const sure = estimates.filter(
    ({ sourceId, state, confidence }) =>
      state === 'offset' &&
      confidence === 'high' &&
      !applied.some((setting) => setting.sourceId === sourceId),
  );
  return (
    <div className="notice-bar">
      <Button
        tone="quiet"
        disabled={sure.length === 0}
        title="Shifts every source whose offset is known with high confidence"
        onClick={() => applyClocks(sure.map((one) => settingOf(one, name, now())))}
      >
        Apply all confident {sure.length > 0 ? sure.length : ''}
      </Button>
      <Button tone="quiet" disabled={!undoable} onClick={undo}>
        Undo
      </Button>
      <Grow />
      {applied.length > 0 && (
        <Button
          tone="quiet"
          aria-pressed={raw}
          shortcut="C"
          title="All times as they came, whatever is applied"
          onClick={toggleRawClocks}
        >
          Raw
        </Button>
      )}
    </div>
  );
}

function Clock({
  estimate,
  pairs,
  setting,
}: {
  readonly estimate: ClockEstimate;
  readonly pairs: readonly ClockPair[];
  readonly setting: ClockSetting | undefined;
}) {
  const name = useNames();
  const raw = useApp((state) => state.info?.facts.clocks.raw ?? false);
  const { sourceId, state, confidence, lower, upper, driftPpm, why, reference } = estimate;
  const judged = state === 'offset' || state === 'in-step';
  const applied = setting?.applied === true;
  return (
    <li className="source" aria-label={`Clock of ${name(sourceId)}`}>
      <p className="source-head">
        <span className="strong cut grow" title={name(sourceId)}>
          {name(sourceId)}
        </span>
        {applied && <Tag tone="warn">{raw ? 'shifted, shown raw' : 'shifted'}</Tag>}
        {judged && <Tag>{confidence} confidence</Tag>}
        {state === 'reference' && <Tag>reference</Tag>}
      </p>
      <p className={`num ${state === 'offset' ? 'warn' : 'second'}`}>
        {state === 'offset' && '▲ '}
        {clockText(estimate)}
        {judged && <span className="faint"> ± {lengthText((upper - lower) / 2)}</span>}
        {judged && <span className="faint">, compared with {name(reference)}</span>}
      </p>
      {driftPpm !== 0 && (
        <p className="warn num">
          ▲ It drifts by {driftPpm.toPrecision(3)} ppm; one shift holds for the middle of the time.
        </p>
      )}
      <p className="small faint">{why}</p>
      {pairs.map((pair) => (
        <Anchors key={`${pair.a} ${pair.b}`} pair={pair} sourceId={sourceId} />
      ))}
      <Shift estimate={estimate} setting={setting} />
    </li>
  );
}

/** Anchors with another source by kind; each leads to its rows. */
function Anchors({ pair, sourceId }: { readonly pair: ClockPair; readonly sourceId: number }) {
  const name = useNames();
  const { a, b, kinds, contradicted } = pair;
  const other = name(a === sourceId ? b : a);
  return (
    <p className="small second clock-anchors">
      <span className="cut" title={other}>
        with {other}:
      </span>
      {kinds.map(({ kind, anchors }) => {
        const words = `${anchors} ${CLOCK_ANCHOR_WORDS[kind][anchors === 1 ? 0 : 1]}`;
        const sql = renderSql(clockAnchorRows({ kind, a, b, limit: ROWS }));
        return (
          <button
            key={kind}
            type="button"
            className="notice-more"
            title="Show the rows of both sources, with the times as they came"
            onClick={() => showRows(sql, `${words}: ${name(a)}, ${name(b)}`)}
          >
            {words}
          </button>
        );
      })}
      {contradicted && <span className="warn">▲ contradicts the others</span>}
    </p>
  );
}

function Shift({
  estimate,
  setting,
}: {
  readonly estimate: ClockEstimate;
  readonly setting: ClockSetting | undefined;
}) {
  const name = useNames();
  const applied = setting?.applied === true;
  if (estimate.state !== 'offset' && !applied) return null;
  const shift = applied ? setting.shift : BigInt(Math.round(-estimate.offset));
  return (
    <div className="source-actions">
      <Button
        tone={applied ? 'plain' : 'primary'}
        aria-pressed={applied}
        title="A view: rows are kept as they came"
        onClick={() =>
          applyClocks([applied ? { ...setting, applied: false } : settingOf(estimate, name, now())])
        }
      >
        {applied ? 'Applied' : 'Apply'}
      </Button>
      <span className="small second num">
        {applied ? 'Its times are shown' : 'Shows its times'} shifted by {shiftText(shift)}
        {applied && ` (${plural(setting.anchors, 'anchor')})`}
      </span>
    </div>
  );
}
