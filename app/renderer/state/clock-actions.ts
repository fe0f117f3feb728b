import type { CaseClocks, ClockSetting } from '../../../core/model';
import { useApp } from './store';
import { didStep, showClocks } from './undo';

const AS_THEY_CAME: CaseClocks = { settings: [], raw: false };

function shownClocks(): CaseClocks {
  return useApp.getState().info?.facts.clocks ?? AS_THEY_CAME;
}

/** Sets the clocks of sources, applied or taken back; those of the others stay. Undo goes back. */
export function applyClocks(settings: readonly ClockSetting[]): void {
  const before = shownClocks();
  const all = new Map(before.settings.map((setting) => [setting.sourceId, setting]));
  for (const setting of settings) all.set(setting.sourceId, setting);
  const after = { settings: [...all.values()], raw: false };
  didStep({ kind: 'clocks', before, after });
  showClocks(after);
}

/** All times as they came, or on the clocks that were set: a look, nothing to be undone. */
export function toggleRawClocks(): void {
  const clocks = shownClocks();
  showClocks({ ...clocks, raw: !clocks.raw });
}
