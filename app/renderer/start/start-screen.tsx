import { Activity } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { runCommand, useApp, useCommands } from '../state';
import { Kbd } from '../ui';
import { Backends } from './backends';
import { Recents } from './recents';
import { Recoverable } from './recoverable';

const ACTIONS = [
  ['case.open', 'Open a case or files…'],
  ['case.pull', 'Pull from a backend…'],
  ['case.receive', 'Receive OpenTelemetry…'],
  ['case.sample', 'Open the sample incident'],
] as const;

function Action({ id, title }: { readonly id: string; readonly title: string }) {
  const key = useCommands((state) => state.commands.get(id)?.keys?.at(-1));
  return (
    <button type="button" className="start-action" data-stop onClick={() => runCommand(id)}>
      <span className="grow">{title}</span>
      {key !== undefined && <Kbd keys={key} />}
    </button>
  );
}

/** Arrow keys go through a column, left and right between the columns. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const across = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
  const along = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
  if (across === 0 && along === 0) return;
  const columns = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-column]')].map(
    (column) => [...column.querySelectorAll<HTMLElement>('[data-stop]')],
  );
  const focused = document.activeElement;
  const column = columns.findIndex((stops) => stops.some((stop) => stop === focused));
  const row = columns[column]?.findIndex((stop) => stop === focused) ?? -1;
  const next = columns[Math.max(0, column + across)] ?? columns[column];
  const target = column < 0 ? columns[0]?.[0] : next?.[Math.min(next.length - 1, row + along)];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

/** What one sees while no case is open: what to do, backends, what was open before. */
export function StartScreen() {
  const first = useRef<HTMLDivElement>(null);
  const zone = useApp((state) => state.zone);
  useEffect(() => first.current?.querySelector('button')?.focus({ preventScroll: true }), []);
  return (
    <main className="start" onKeyDown={moveFocus}>
      <div className="start-grid" key={zone}>
        <div className="start-left" data-column>
          <h1>
            <Activity size={18} aria-hidden /> Faultline
          </h1>
          <div ref={first} role="group" aria-label="Begin">
            {ACTIONS.map(([id, title]) => (
              <Action key={id} id={id} title={title} />
            ))}
          </div>
          <Backends />
        </div>
        <div className="start-right" data-column>
          <Recoverable />
          <h2 className="start-head">Recent</h2>
          <Recents />
          <p className="start-drop">
            <span className="strong">Drop files or a folder anywhere:</span> cases, OpenTelemetry
            JSON lines, OpenMetrics text, alerts, changes, a topology; plain or gzip. Faultline says
            what it takes each for before it reads it in.
          </p>
          <p className="small faint">Everything stays on this machine.</p>
        </div>
      </div>
    </main>
  );
}
