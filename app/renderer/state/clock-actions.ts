import type { CaseClocks, ClockSetting } from '../../../core/model';
import { attempt } from './problems';
import { workbench } from './services';
import { useApp } from './store';

const DEPTH = 100;
const AS_THEY_CAME: CaseClocks = { settings: [], raw: false };

function shownClocks(): CaseClocks {
  return useApp.getState().info?.facts.clocks ?? AS_THEY_CAME;
}

function show(clocks: CaseClocks): void {
  attempt('The clocks could not be changed', () => workbench().setClocks(clocks));
}

/** Shows the case on other clocks; undo goes back. */
function change(next: CaseClocks): void {
  const before = shownClocks();
  useApp.setState(({ clocksPast, requestPast }) => ({
    clocksPast: [...clocksPast.slice(-DEPTH), { clocks: before, requests: requestPast.length }],
  }));
  show(next);
}

/** Sets the clocks of sources, applied or taken back; those of the others stay. */
export function applyClocks(settings: readonly ClockSetting[]): void {
  const all = new Map(shownClocks().settings.map((setting) => [setting.sourceId, setting]));
  for (const setting of settings) all.set(setting.sourceId, setting);
  change({ settings: [...all.values()], raw: false });
}

/** All times as they came, or on the clocks that were set: a look, nothing to be undone. */
export function toggleRawClocks(): void {
  const clocks = shownClocks();
  show({ ...clocks, raw: !clocks.raw });
}

export function undoClocks(): void {
  const { clocksPast } = useApp.getState();
  const before = clocksPast.at(-1);
  if (!before) return;
  useApp.setState({ clocksPast: clocksPast.slice(0, -1) });
  show(before.clocks);
}
