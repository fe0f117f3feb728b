import type { TimeWindow } from '../../../core/base';
import { NOTHING_SELECTED, useApp, type AppState, type Selection } from './store';

/** Changes parts of the one selection. */
export function select(change: Partial<Selection>): void {
  useApp.setState((state) => ({ selection: { ...state.selection, ...change } }));
}

/** Selects an entity (and lets go of the edge and the evidence that belonged to another one). */
export function selectEntity(entityId: string | undefined): void {
  select({ entityId, edge: undefined, evidenceId: undefined });
}

export function clearSelection(): void {
  useApp.setState({ selection: NOTHING_SELECTED });
}

export function setView(view: TimeWindow | undefined): void {
  useApp.setState({ view });
}

export function showPanel(panel: string): void {
  useApp.setState((state) => ({ front: { panel, count: (state.front?.count ?? 0) + 1 } }));
}

/** Follows a number to its SQL, in the SQL panel. */
export function showSql(text: string, title: string): void {
  useApp.setState({ sql: { text: text.trim(), title } });
  showPanel('sql');
}

/** Follows a number to the rows it rests on, in the Rows panel. */
export function showRows(text: string, title: string): void {
  useApp.setState({ rows: { text, title } });
  showPanel('rows');
}

export function setSearch(search: string): void {
  useApp.setState({ search });
}

export function togglePinned(seriesId: bigint): void {
  useApp.setState(({ pinned }) => ({
    pinned: pinned.includes(seriesId)
      ? pinned.filter((id) => id !== seriesId)
      : [...pinned, seriesId],
  }));
}

/** First to last telemetry of the case; undefined for an empty one. */
export function caseRange(state: AppState): TimeWindow | undefined {
  return state.info?.facts.range ?? undefined;
}

/**
 * What is to be said of request rates, error shares and latencies where spans stand for others that a sampler left
 * out; undefined where each stands for itself.
 */
export function estimateNotice(state: AppState): string | undefined {
  const said = state.info?.facts.notices.filter(({ code }) => code === 'spans-weighted') ?? [];
  return said.length === 0 ? undefined : said.map(({ message }) => message).join(' ');
}

/** What the timeline shows: the zoomed stretch, else the whole case. */
export function shownWindow(state: AppState): TimeWindow | undefined {
  return state.view ?? caseRange(state);
}

/** The stretch that panels show rows of: what is brushed, else the incident, else the whole case. */
export function focusWindow(state: AppState): TimeWindow | undefined {
  return state.selection.range ?? state.analysis?.incident ?? caseRange(state);
}
