import { useEffect, useRef } from 'react';
import { windowDuration, type TimeWindow } from '../../../core/base';
import type { WindowClaim } from '../../../core/model';
import {
  caseRange,
  openDialog,
  save,
  select,
  setSearch,
  setView,
  showPanel,
  useApp,
  useCommandList,
} from '../state';
import { formatDate, formatDurationNs, formatTime, Kbd } from '../ui';

function Logo() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden>
      <path
        d="M1 11 L5 11 L7 4 L9 14 L11 8 L15 8"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
    </svg>
  );
}

function span(window: TimeWindow, zone: string): string {
  return `${formatTime(window.from, zone)} – ${formatTime(window.to, zone)}`;
}

function WindowChip({
  name,
  window,
  colour,
}: {
  readonly name: string;
  readonly window: TimeWindow & { readonly given?: boolean; readonly claim?: WindowClaim };
  readonly colour: string;
}) {
  const zone = useApp((state) => state.zone);
  const { claim } = window;
  const why = claim ? ` (${claim.moved} of ${claim.judged} series moved with it)` : '';
  const how = window.given ? 'as given' : `found by the analysis${why}; drag it on the timeline`;
  return (
    <button
      type="button"
      className="chip num"
      title={`The ${name}, ${formatDurationNs(windowDuration(window))}, ${how}. Click: select it.`}
      onClick={() => select({ range: { from: window.from, to: window.to } })}
    >
      <i style={{ background: colour }} />
      {name} {span(window, zone)}
    </button>
  );
}

function SearchField() {
  const search = useApp((state) => state.search);
  const ref = useRef<HTMLInputElement>(null);
  useCommandList([
    {
      id: 'search.focus',
      title: 'Search or filter',
      group: 'Selection',
      keys: ['/'],
      run: () => ref.current?.focus(),
    },
  ]);
  useEffect(() => {
    if (ref.current && ref.current.value !== search) ref.current.value = search;
  }, [search]);
  return (
    <div className="search">
      <input
        ref={ref}
        className="input"
        type="search"
        aria-label="Search or filter"
        placeholder="Search or filter  level:error"
        defaultValue={search}
        onKeyDown={(event) => {
          const { value } = event.currentTarget;
          if (event.key === 'Enter' && value.startsWith('>')) {
            openDialog({ kind: 'palette', text: value.slice(1) });
          } else if (event.key === 'Enter') {
            setSearch(value.trim());
            showPanel('logs');
          } else if (event.key === 'Escape') {
            event.currentTarget.value = '';
            setSearch('');
            event.currentTarget.blur();
          }
        }}
      />
      <Kbd keys="/" />
    </div>
  );
}

/** Which case, which time, what for: 36 px that never change their place. */
export function Header() {
  const info = useApp((state) => state.info);
  const range = useApp(caseRange);
  const view = useApp((state) => state.view);
  const analysis = useApp((state) => state.analysis);
  const zone = useApp((state) => state.zone);
  const relative = useApp((state) => state.relativeTime);
  if (!info) return null;
  const shown = view ?? range;
  return (
    <header className="header">
      <Logo />
      <h1 className="cut" title={info.path ?? 'Not saved yet'}>
        {info.name}
      </h1>
      {info.dirty && (
        <button
          type="button"
          className="unsaved"
          title="Unsaved changes. Click: save."
          aria-label="Unsaved changes: save"
          onClick={() => void save()}
        />
      )}
      <span className="sep" />
      {shown && (
        <button
          type="button"
          className="plain num"
          title={view ? 'Zoomed. Click: show the whole case.' : 'The whole case'}
          onClick={() => setView(undefined)}
        >
          <span className="wide">{formatDate(shown.from, zone)} </span>
          {span(shown, zone)} <span className="faint">{zone}</span>
        </button>
      )}
      {shown && <span className="faint num wide">{formatDurationNs(windowDuration(shown))}</span>}
      {analysis && <WindowChip name="incident" window={analysis.incident} colour="var(--inc)" />}
      {analysis?.baseline && (
        <WindowChip name="baseline" window={analysis.baseline} colour="var(--base)" />
      )}
      {relative && <span className="faint small">times from the incident's start</span>}
      <span className="grow" />
      <SearchField />
      <button
        type="button"
        className="chip"
        onClick={() => openDialog({ kind: 'palette', text: '' })}
      >
        <span className="wide">Commands</span> <Kbd keys="Mod+K" />
      </button>
    </header>
  );
}
