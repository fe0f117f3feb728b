import { useCallback, useMemo, useState } from 'react';
import { msToNs, windowDuration, type TimeWindow } from '../../../../core/base';
import type { PreviewBy } from '../../../../core/connect';
import type { Signal } from '../../../../core/model';
import { useApp, usePointer } from '../../state';
import {
  Button,
  Chart,
  colourScale,
  formatCount,
  formatDateTime,
  formatNumber,
  formatPercent,
  formatTime,
  plural,
  useColors,
  type Colors,
} from '../../ui';
import { JobProgress, useRunningJob } from '../job-progress';
import {
  bucketAt,
  keptOf,
  previewOption,
  shownOf,
  signalsOf,
  snapped,
  type Shown,
  type ShownGroup,
} from './preview-option';
import type { WindowText } from './question';
import { parseBudget } from './request';
import type { Backend } from './use-backend';
import { usePreview, type Previewed, type Previewing } from './use-preview';
import type { Asking } from './use-question';
import { textOf } from './window-form';

const HEIGHT = 92;
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const DAY = 86_400n * SECOND;

/** What lies in the window, over time, before anything is pulled; dragging over it narrows the window. */
export function PullPreview({
  backend,
  asking,
}: {
  readonly backend: Backend;
  readonly asking: Asking;
}) {
  const [by, setBy] = useState<PreviewBy>('level');
  const [signal, setSignal] = useState<Signal>();
  const previewing = usePreview(backend, asking, by);
  const narrowing = useNarrowing(asking);
  const { ready, previewed, failure } = previewing;
  if (!ready) return null;
  const signals = previewed ? signalsOf(previewed.preview) : [];
  const drawn = signal !== undefined && signals.includes(signal) ? signal : signals[0];
  const choices = backend.connector?.previewBy ?? [];
  return (
    <section aria-label="Over time" className="preview">
      <div className="preview-head">
        <Summary previewed={previewed} signal={drawn} asking={asking} />
        <span className="grow" />
        {narrowing.wide && (
          <Button
            tone="quiet"
            title="The window before it was narrowed here"
            onClick={narrowing.reset}
          >
            Whole window
          </Button>
        )}
        {signals.length > 1 && (
          <Choice all={signals} chosen={drawn} titleOf={(one) => one} onChoose={setSignal} />
        )}
        <Choice all={choices} chosen={by} titleOf={(one) => `by ${one}`} onChoose={setBy} />
      </div>
      <Body
        previewing={previewing}
        signal={drawn}
        onNarrow={narrowing.narrow}
        onWindow={(window) => asking.step({ kind: 'time', text: textOf(window) })}
      />
      {failure === undefined &&
        previewed?.preview.notices.map(({ code, message, severity }) => (
          <p key={code + message} className={`small ${severity === 'info' ? 'faint' : 'warn'}`}>
            {severity === 'info' ? '' : '▲ '}
            {message}
          </p>
        ))}
    </section>
  );
}

/** The window as it was before it was narrowed by dragging, until another is typed. */
function useNarrowing({ question: { text }, step }: Asking) {
  const [narrowed, setNarrowed] = useState<{ wide: WindowText; now: WindowText }>();
  const same = narrowed?.now.from === text.from && narrowed.now.to === text.to;
  const wide = same ? narrowed.wide : undefined;
  const narrow = (window: TimeWindow): void => {
    const now = textOf(window);
    setNarrowed({ wide: wide ?? text, now });
    step({ kind: 'time', text: now });
  };
  const reset = (): void => {
    if (wide) step({ kind: 'time', text: wide });
  };
  return { wide, narrow, reset };
}

function Choice<T extends string>({
  all,
  chosen,
  titleOf,
  onChoose,
}: {
  readonly all: readonly T[];
  readonly chosen: T | undefined;
  readonly titleOf: (one: T) => string;
  readonly onChoose: (one: T) => void;
}) {
  return all.map((one) => (
    <Button key={one} tone="quiet" aria-pressed={one === chosen} onClick={() => onChoose(one)}>
      {titleOf(one)}
    </Button>
  ));
}

/** "24 554 logs, about 40 % kept". */
function Summary({
  previewed,
  signal,
  asking: { question },
}: {
  readonly previewed: Previewed | undefined;
  readonly signal: Signal | undefined;
  readonly asking: Asking;
}) {
  if (!previewed || signal === undefined) return <h3 className="small second">Over time</h3>;
  const { preview, window } = previewed;
  const here = shownOf(preview, signal, window).groups.reduce((sum, { total }) => sum + total, 0);
  const { all, share } = keptOf(preview, signal, parseBudget(question.budget));
  const unit = { logs: 'log record', spans: 'span' }[signal as string] ?? 'document';
  const more = all > here ? `, ${formatCount(all)} with the other times` : '';
  return (
    <h3 className="small second num">
      {plural(here, unit)}
      {more}
      {share !== undefined && (
        <span
          className={share < 1 ? 'warn' : 'faint'}
          title="Of all of them, within the rows that a signal may bring"
        >
          {share < 1 ? ` ▲ about ${formatPercent(share)} kept` : ' · all fit'}
        </span>
      )}
    </h3>
  );
}

function Body({
  previewing: { asking, previewed, failure, again },
  signal,
  onNarrow,
  onWindow,
}: {
  readonly previewing: Previewing;
  readonly signal: Signal | undefined;
  readonly onNarrow: (window: TimeWindow) => void;
  readonly onWindow: (window: TimeWindow) => void;
}) {
  const job = useRunningJob('preview');
  if (failure !== undefined) {
    return (
      <div className="preview-empty" role="status">
        <p className={failure === '' ? 'second' : 'crit'}>
          {failure === '' ? 'Cancelled.' : `■ ${failure}`}
        </p>
        <Button onClick={again}>{failure === '' ? 'Count over time' : 'Again'}</Button>
      </div>
    );
  }
  if (!previewed) {
    return (
      <div className="preview-empty" role="status">
        {job ? <JobProgress job={job} /> : <p className="faint">Counting over time…</p>}
      </div>
    );
  }
  return (
    <div className={asking ? 'preview-stale' : undefined} aria-busy={asking}>
      {signal === undefined ? (
        <Nothing previewed={previewed} onWindow={onWindow} />
      ) : (
        <Bars previewed={previewed} signal={signal} onNarrow={onNarrow} />
      )}
      {asking && job && <JobProgress job={job} />}
    </div>
  );
}

function Nothing({
  previewed: { preview, window },
  onWindow,
}: {
  readonly previewed: Previewed;
  readonly onWindow: (window: TimeWindow) => void;
}) {
  const zone = useApp((state) => state.zone);
  const { newest } = preview;
  const at = (ns: bigint): string => formatDateTime(ns, zone);
  const end = newest === undefined ? 0n : newest + 1_000_000n;
  return (
    <div className="preview-empty" role="status">
      <p className="second num">
        Nothing between {at(window.from)} and {at(window.to)} {zone}
        {newest === undefined ? '.' : `; the newest record is at ${at(newest)}.`}
      </p>
      {newest !== undefined && (
        <Button onClick={() => onWindow({ from: end - windowDuration(window), to: end })}>
          Show the time up to it
        </Button>
      )}
    </div>
  );
}

function Bars({
  previewed: { preview, window },
  signal,
  onNarrow,
}: {
  readonly previewed: Previewed;
  readonly signal: Signal;
  readonly onNarrow: (window: TimeWindow) => void;
}) {
  const zone = useApp((state) => state.zone);
  const colours = useColors();
  const shown = useMemo(() => shownOf(preview, signal, window), [preview, signal, window]);
  const option = useCallback(() => {
    const timeText = timeTextOf(shown, window, zone);
    return previewOption({
      shown,
      colourOf: colourFor(shown, colours),
      lines: colours.line,
      text: colours['fg-2'],
      formatTime: (ms) => timeText(msToNs(ms)),
      formatCount: formatNumber,
    });
  }, [shown, window, colours, zone]);
  const label = `${signal} over time: ${shown.groups.map(({ title, total }) => `${title} ${formatCount(total)}`).join(', ')}`;
  return (
    <>
      <div title="Drag to narrow the window">
        <Chart
          option={option}
          label={label}
          height={HEIGHT}
          onRange={(stretch) => {
            const narrower = snapped(shown, stretch);
            if (narrower) onNarrow(narrower);
          }}
        />
      </div>
      <Legend
        shown={shown}
        how={preview.how}
        colourOf={colourFor(shown, colours)}
        timeText={timeTextOf(shown, window, zone)}
      />
    </>
  );
}

/** What the colours mean, with the counts of the window, or of the bucket below the pointer. */
function Legend({
  shown,
  how,
  colourOf,
  timeText,
}: {
  readonly shown: Shown;
  readonly how: string;
  readonly colourOf: (group: ShownGroup) => string;
  readonly timeText: (ns: bigint) => string;
}) {
  const at = usePointer((state) => bucketAt(shown, state.cursor));
  const [start, end] = at === undefined ? [] : [shown.starts[at], shown.ends[at]];
  return (
    <ul className="preview-legend" title={how}>
      {shown.groups.map((group) => (
        <li key={`${group.kind} ${group.title}`} className="small">
          <i style={{ background: colourOf(group) }} aria-hidden />
          <span className="cut">{group.title}</span>{' '}
          <span className="faint num">
            {formatNumber(at === undefined ? group.total : (group.counts[at] ?? 0))}
          </span>
        </li>
      ))}
      {start !== undefined && end !== undefined && (
        <li className="small second num">
          {timeText(start)} – {timeText(end)}
        </li>
      )}
    </ul>
  );
}

/** Times as fine as the buckets are, with their day where there are several. */
function timeTextOf({ step }: Shown, window: TimeWindow, zone: string): (ns: bigint) => string {
  const precise = step % MINUTE === 0n ? 'minute' : step % SECOND === 0n ? 'second' : 'milli';
  return windowDuration(window) > DAY
    ? (ns) => formatDateTime(ns, zone, 'minute').slice(5)
    : (ns) => formatTime(ns, zone, precise);
}

/** Levels by what they mean, the worse the stronger; services by the colours of series. */
function colourFor({ groups }: Shown, colours: Colors): (group: ShownGroup) => string {
  const levels: Readonly<Record<string, string>> = {
    fatal: colours.crit,
    error: faded(colours.crit, 0.8),
    warn: colours.warn,
    info: faded(colours['fg-2'], 0.75),
    debug: faded(colours['fg-2'], 0.5),
    trace: faded(colours['fg-2'], 0.3),
    'no error': faded(colours['fg-2'], 0.6),
  };
  const named = groups.filter(({ kind }) => kind === 'value').map(({ title }) => title);
  const isLevels = named.every((name) => name in levels);
  const scale = colourScale(named);
  return ({ kind, title }) => {
    if (kind !== 'value') return colours['line-strong'];
    return isLevels ? (levels[title] ?? '') : scale(title);
  };
}

function faded(hex: string, alpha: number): string {
  const byte = Math.round(alpha * 255);
  return `${hex}${byte.toString(16).padStart(2, '0')}`;
}
