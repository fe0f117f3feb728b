import { useEffect } from 'react';
import { Dialogs } from '../dialogs';
import { StartScreen } from '../start';
import { commandFor, registerCommands, useApp } from '../state';
import { MenuHost } from '../ui';
import { SHELL_COMMANDS } from './commands';
import { Dock } from './dock';
import { DropTarget } from './drop-target';
import { Header } from './header';
import { Palette } from './palette';
import { Problems } from './problems';
import { Shortcuts } from './shortcuts';
import { StatusBar } from './status-bar';
import { Verdict } from './verdict';

function useKeys(): void {
  useEffect(() => {
    const unregister = registerCommands(SHELL_COMMANDS);
    const onKey = (event: KeyboardEvent): void => {
      const command = commandFor(event);
      if (!command) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      unregister();
      window.removeEventListener('keydown', onKey);
    };
  }, []);
}

/** A tab or window that is closed with unsaved changes asks first. */
function useUnloadGuard(): void {
  const dirty = useApp((state) => state.info?.dirty ?? false);
  const native = useApp((state) => state.hostInfo?.kind === 'electron');
  useEffect(() => {
    if (!dirty || native) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty, native]);
}

/** The workbench: header, verdict, docked panels, status; or the start screen while no case is open. */
export function App() {
  const open = useApp((state) => state.info !== undefined);
  const dialog = useApp((state) => state.dialog);
  useKeys();
  useUnloadGuard();
  return (
    <div className="app">
      {open ? (
        <>
          <Header />
          <Verdict />
          <main className="dock">
            <Dock />
          </main>
        </>
      ) : (
        <StartScreen />
      )}
      <StatusBar />
      {dialog?.kind === 'palette' && <Palette text={dialog.text} />}
      {dialog?.kind === 'shortcuts' && <Shortcuts />}
      <Dialogs />
      <MenuHost />
      <Problems />
      <DropTarget />
    </div>
  );
}
