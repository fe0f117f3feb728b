import { fromWire, type ErrorCode } from '../../../core/base';
import type { HostEvent, ShellCommand } from '../../../core/host';
import type { Job, SessionEvent } from '../../../core/session';
import {
  closeCase,
  closeWindow,
  openDialog,
  openPaths,
  pickAndOpen,
  resetView,
  save,
  saveAs,
} from './case-actions';
import { runCommand } from './commands';
import { watchIdle } from './idle';
import { attempt, reportError } from './problems';
import { host, provideServices, workbench, type Services } from './services';
import { useApp, type Theme } from './store';

const ENDED_JOBS_KEPT = 20;

function onSession(event: SessionEvent): void {
  switch (event.kind) {
    case 'job':
      useApp.setState(({ jobs }) => {
        const others = jobs.filter((job) => job.id !== event.job.id);
        return { jobs: [...others.slice(-ENDED_JOBS_KEPT), event.job] };
      });
      if (event.job.kind === 'analyze') reportFailure(event.job);
      break;
    case 'case': {
      const before = useApp.getState().info?.id;
      useApp.setState({ info: event.info ?? undefined });
      if (event.info === null || event.info.id !== before) resetView();
      void showState();
      if (event.info) void refreshEntities();
      break;
    }
    case 'data':
      useApp.setState({ dataVersion: event.dataVersion });
      break;
    case 'analysis':
      useApp.setState({ analysis: event.result ?? undefined, stale: event.stale });
      void refreshEntities();
      break;
    case 'notice':
      // Notices are stored with their source; the case event brings them along.
      break;
  }
}

/** Analyses start by themselves, so their failures are told here and not where they were asked for. */
function reportFailure({ title, error }: Job): void {
  if (error)
    reportError(
      `${title} failed`,
      fromWire({ ...error, code: error.code as ErrorCode, retryable: false }),
    );
}

async function refreshEntities(): Promise<void> {
  if (!useApp.getState().info) return;
  try {
    useApp.setState({ entities: await workbench().entities() });
  } catch (error) {
    reportError('The entities could not be read', error);
  }
}

async function showState(): Promise<void> {
  const { info } = useApp.getState();
  const title = info ? `${info.name} – Faultline` : 'Faultline';
  document.title = info?.dirty ? `• ${title}` : title;
  await host()
    .showState({ title, dirty: info?.dirty ?? false, path: info?.path ?? null })
    .catch(() => undefined);
}

function onShellCommand(command: ShellCommand): void {
  switch (command.id) {
    case 'open-paths':
      attempt('The files could not be opened', () => openPaths(command.paths));
      break;
    case 'open':
      attempt('The file dialog failed', pickAndOpen);
      break;
    case 'save':
      void save();
      break;
    case 'save-as':
      void saveAs();
      break;
    case 'close':
      closeCase();
      break;
    case 'close-window':
      attempt('The window could not be closed', closeWindow);
      break;
    case 'import':
      openDialog({ kind: 'open' });
      break;
    case 'pull':
      openDialog({ kind: 'pull' });
      break;
    case 'palette':
      openDialog({ kind: 'palette', text: '' });
      break;
    case 'shortcuts':
      openDialog({ kind: 'shortcuts' });
      break;
    case 'new':
      runCommand('case.new');
      break;
    case 'theme':
      setTheme(command.theme);
      break;
  }
}

const darkPreferred = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

function applyTheme(): void {
  const { theme } = useApp.getState();
  const dark = theme === 'system' ? darkPreferred().matches : theme === 'dark';
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

export function setTheme(theme: Theme): void {
  useApp.setState({ theme });
  applyTheme();
  void host().writeSetting('theme', theme);
}

export function setZone(zone: string): void {
  useApp.setState({ zone });
  void host().writeSetting('zone', zone);
}

async function readSettings(): Promise<void> {
  const [theme, zone] = await Promise.all([
    host().readSetting('theme'),
    host().readSetting('zone'),
  ]);
  if (theme === 'light' || theme === 'dark' || theme === 'system') useApp.setState({ theme });
  if (zone !== null) useApp.setState({ zone });
  applyTheme();
  darkPreferred().addEventListener('change', applyTheme);
}

/** Wires host and workbench to the store. Call `begin` once the first screen listens for commands. */
export async function boot(services: Services): Promise<void> {
  provideServices(services);
  watchIdle();
  useApp.setState({ hostInfo: await host().info() });
  await readSettings();
  workbench().subscribe(onSession);
}

export async function begin(): Promise<void> {
  for (const command of await host().ready()) onShellCommand(command);
}

export function onHostEvent(event: HostEvent): void {
  if (event.kind === 'command') onShellCommand(event.command);
  if (event.kind === 'disconnected') useApp.setState({ disconnected: true });
}
