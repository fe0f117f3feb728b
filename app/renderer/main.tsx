import { createRoot } from 'react-dom/client';
import { startWorkbench } from '../workers';
import { connectHost } from './bridge';
import { App } from './shell';
import { begin, boot, onHostEvent } from './state';
import './ui/tokens.css';
import './ui/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');

/** A page that can't start says why, and what to do. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const place = document.createElement('div');
  place.className = 'empty';
  place.setAttribute('role', 'alert');
  const title = document.createElement('p');
  title.className = 'empty-title';
  title.textContent = 'Faultline could not start';
  const why = document.createElement('p');
  why.textContent = message;
  place.append(title, why);
  root?.replaceChildren(place);
}

try {
  const connection = await connectHost();
  const { host } = connection;
  const running = await startWorkbench(host);
  connection.onEvent((event) => {
    running.onHostEvent(event);
    onHostEvent(event);
  });
  await boot({ host, workbench: running.workbench });
  createRoot(root).render(<App />);
  await begin();
} catch (error) {
  fail(error);
}
