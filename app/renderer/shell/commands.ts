import { windowDuration } from '../../../core/base';
import {
  caseRange,
  clearSelection,
  closeCase,
  newCase,
  attempt,
  afterUnsaved,
  openDialog,
  openSample,
  pickAndOpen,
  reanalyze,
  redo,
  save,
  saveAs,
  selectEntity,
  setIncident,
  setTheme,
  setView,
  showPanel,
  shownWindow,
  toggleRawClocks,
  undo,
  useApp,
  type Command,
} from '../state';

const hasCase = (): boolean => useApp.getState().info !== undefined;
const noCase = (): boolean => !hasCase();
/** The palette gives way to what is chosen in it. */
const noDialog = (): boolean => {
  const { dialog } = useApp.getState();
  return dialog === undefined || dialog.kind === 'palette';
};

/** Zooms around the middle (factor < 1: in) or pans by a share of what is shown. */
function moveView(factor: number, shift: number): void {
  const state = useApp.getState();
  const shown = shownWindow(state);
  const whole = caseRange(state);
  if (!shown || !whole) return;
  const width = windowDuration(shown);
  const next = (width * BigInt(Math.round(factor * 1000))) / 1000n;
  const by = (width * BigInt(Math.round(shift * 1000))) / 1000n;
  const from = shown.from + (width - next) / 2n + by;
  if (next >= windowDuration(whole)) return setView(undefined);
  const clamped = from < whole.from ? whole.from : from + next > whole.to ? whole.to - next : from;
  setView({ from: clamped, to: clamped + (next > 1000n ? next : 1000n) });
}

/** F: what is selected, then the incident, then the whole case. */
function focusSelection(): void {
  const { selection, analysis, view } = useApp.getState();
  const target = selection.range ?? analysis?.incident;
  const same = target && view?.from === target.from && view.to === target.to;
  setView(target && !same ? { from: target.from, to: target.to } : undefined);
}

const caseCommands: readonly Command[] = [
  {
    id: 'case.open',
    title: 'Open a case or files',
    group: 'Case',
    keys: ['Mod+O', 'O'],
    enabled: noDialog,
    run: () => attempt('The file dialog failed', pickAndOpen),
  },
  {
    id: 'case.pull',
    title: 'Pull from a backend',
    group: 'Case',
    keys: ['P'],
    enabled: noDialog,
    run: () => openDialog({ kind: 'pull' }),
  },
  {
    id: 'case.receive',
    title: 'Receive OpenTelemetry',
    group: 'Case',
    keys: ['R'],
    enabled: noDialog,
    run: () => openDialog({ kind: 'receive' }),
  },
  {
    id: 'case.sample',
    title: 'Open the sample incident',
    group: 'Case',
    keys: ['S'],
    enabled: () => noCase() && noDialog(),
    run: openSample,
  },
  {
    id: 'case.new',
    title: 'New case',
    group: 'Case',
    enabled: noDialog,
    run: () => afterUnsaved(() => attempt('No new case', () => newCase('untitled'))),
  },
  {
    id: 'case.save',
    title: 'Save',
    group: 'Case',
    keys: ['Mod+S'],
    enabled: hasCase,
    run: () => void save(),
  },
  {
    id: 'case.save-as',
    title: 'Save as',
    group: 'Case',
    keys: ['Mod+Shift+S'],
    enabled: hasCase,
    run: () => void saveAs(),
  },
  { id: 'case.close', title: 'Close the case', group: 'Case', enabled: hasCase, run: closeCase },
  {
    id: 'case.entities',
    title: 'Merge or split names of one thing',
    group: 'Case',
    enabled: hasCase,
    run: () => openDialog({ kind: 'entities' }),
  },
  {
    id: 'analysis.again',
    title: 'Analyse again',
    group: 'Case',
    enabled: hasCase,
    run: reanalyze,
  },
];

const viewCommands: readonly Command[] = [
  {
    id: 'time.in',
    title: 'Zoom in',
    group: 'Time',
    keys: ['W', '+'],
    enabled: hasCase,
    run: () => moveView(0.6, 0),
  },
  {
    id: 'time.out',
    title: 'Zoom out',
    group: 'Time',
    keys: ['S', '-'],
    enabled: hasCase,
    run: () => moveView(1 / 0.6, 0),
  },
  {
    id: 'time.left',
    title: 'Pan left',
    group: 'Time',
    keys: ['A'],
    enabled: hasCase,
    run: () => moveView(1, -0.25),
  },
  {
    id: 'time.right',
    title: 'Pan right',
    group: 'Time',
    keys: ['D'],
    enabled: hasCase,
    run: () => moveView(1, 0.25),
  },
  {
    id: 'time.focus',
    title: 'Zoom to the selection or the incident; again for all',
    group: 'Time',
    keys: ['F'],
    enabled: hasCase,
    run: focusSelection,
  },
  {
    id: 'time.incident',
    title: 'Make the selected time the incident',
    group: 'Time',
    keys: ['I'],
    enabled: () => useApp.getState().selection.range !== undefined,
    run: () => setIncident(useApp.getState().selection.range),
  },
  {
    id: 'time.relative',
    title: "Times from the incident's start, or of the clock",
    group: 'Time',
    keys: ['T'],
    enabled: hasCase,
    run: () => useApp.setState(({ relativeTime }) => ({ relativeTime: !relativeTime })),
  },
  {
    id: 'time.clocks',
    title: 'Times as they came, or on the clocks that were set (Sources, Clocks)',
    group: 'Time',
    keys: ['C'],
    enabled: () =>
      noDialog() &&
      (useApp.getState().info?.facts.clocks.settings.some(({ applied }) => applied) ?? false),
    run: toggleRawClocks,
  },
  {
    id: 'selection.clear',
    title: 'Clear the selection',
    group: 'Selection',
    keys: ['Escape'],
    enabled: () => hasCase() && noDialog(),
    run: clearSelection,
  },
  {
    id: 'selection.explain',
    title: 'Explain this selection: what differs from the baseline',
    group: 'Selection',
    keys: ['E'],
    enabled: () => hasCase() && noDialog(),
    run: () => showPanel('explain'),
  },
  {
    id: 'selection.next',
    title: 'Next finding',
    group: 'Selection',
    keys: ['.'],
    enabled: hasCase,
    run: () => stepFinding(1),
  },
  {
    id: 'selection.previous',
    title: 'Previous finding',
    group: 'Selection',
    keys: [','],
    enabled: hasCase,
    run: () => stepFinding(-1),
  },
  {
    id: 'edit.undo',
    title: 'Undo a change of windows, support, ruling out, clocks or sources',
    group: 'Selection',
    keys: ['Mod+Z'],
    enabled: () => useApp.getState().past.length > 0,
    run: undo,
  },
  {
    id: 'edit.redo',
    title: 'Redo',
    group: 'Selection',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    enabled: () => useApp.getState().future.length > 0,
    run: redo,
  },
  {
    id: 'view.dark',
    title: 'Dark theme',
    group: 'View',
    run: () => setTheme('dark'),
  },
  { id: 'view.light', title: 'Light theme', group: 'View', run: () => setTheme('light') },
  {
    id: 'view.system',
    title: 'Theme of the system',
    group: 'View',
    run: () => setTheme('system'),
  },
  {
    id: 'help.palette',
    title: 'Commands',
    group: 'Help',
    keys: ['Mod+K', '>'],
    enabled: noDialog,
    run: () => openDialog({ kind: 'palette', text: '' }),
  },
  {
    id: 'help.sql',
    title: 'SQL box',
    group: 'Help',
    keys: [':'],
    enabled: () => hasCase() && noDialog(),
    run: () => openDialog({ kind: 'palette', text: ':' }),
  },
  {
    id: 'help.shortcuts',
    title: 'Shortcuts',
    group: 'Help',
    keys: ['?'],
    enabled: noDialog,
    run: () => openDialog({ kind: 'shortcuts' }),
  },
];

function stepFinding(by: number): void {
  const { analysis, selection } = useApp.getState();
  const ids = analysis?.ranking.map((cause) => cause.entity.id) ?? [];
  if (ids.length === 0) return;
  const at = ids.indexOf(selection.entityId ?? '');
  const next = at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + by));
  selectEntity(ids[next]);
}

export const SHELL_COMMANDS: readonly Command[] = [...caseCommands, ...viewCommands];
