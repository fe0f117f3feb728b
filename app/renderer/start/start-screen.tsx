import { openDialog, openSample, pickAndOpen, attempt } from '../state';
import { Button } from '../ui';

/** What one sees while no case is open. */
export function StartScreen() {
  return (
    <main className="start">
      <h1>Faultline</h1>
      <Button onClick={() => attempt('The file dialog failed', pickAndOpen)}>
        Open a case or files…
      </Button>
      <Button onClick={() => openDialog({ kind: 'pull' })}>Pull from a backend…</Button>
      <Button onClick={openSample}>Open the sample incident</Button>
    </main>
  );
}
