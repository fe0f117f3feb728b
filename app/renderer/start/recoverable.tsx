import { useEffect, useState } from 'react';
import type { RecoverableCase } from '../../../core/session';
import { attempt, recoverCase, workbench } from '../state';
import { Button, formatAgo, formatBytes } from '../ui';

/** Working copies that were not saved before the program ended. */
export function Recoverable() {
  const [cases, setCases] = useState<readonly RecoverableCase[]>([]);
  const read = async (): Promise<void> => setCases(await workbench().recoverable());
  useEffect(() => attempt('Unsaved work could not be looked for', read), []);
  if (cases.length === 0) return null;
  const discard = (id: string): void =>
    attempt('The working copy could not be discarded', async () => {
      await workbench().forget(id);
      await read();
    });
  return (
    <section className="start-recover" aria-labelledby="start-recover">
      <h2 id="start-recover" className="strong">
        <span className="warn" aria-hidden>
          ▲{' '}
        </span>
        Recovered after an interruption
      </h2>
      <p className="second">
        {cases.length === 1 ? 'This case was' : 'These cases were'} open with unsaved changes when
        Faultline ended. Nothing is lost yet: recover, then save.
      </p>
      <ul>
        {cases.map((copy) => (
          <Copy key={copy.id} copy={copy} onDiscard={() => discard(copy.id)} />
        ))}
      </ul>
    </section>
  );
}

function Copy({
  copy,
  onDiscard,
}: {
  readonly copy: RecoverableCase;
  readonly onDiscard: () => void;
}) {
  const [asked, setAsked] = useState(false);
  const [now] = useState(Date.now);
  const { name, path, changedAt, size } = copy;
  return (
    <li>
      <span className="strong cut">{name}</span>
      <span className="faint num cut grow" title={path ?? undefined}>
        changed {formatAgo(changedAt, now)}, {formatBytes(size)}
        {path === null ? ', never saved' : `, of ${path}`}
      </span>
      {asked ? (
        <>
          <span className="second">Its changes are lost for good.</span>
          <Button tone="danger" onClick={onDiscard}>
            Discard it
          </Button>
          <Button onClick={() => setAsked(false)}>Keep it</Button>
        </>
      ) : (
        <>
          <Button tone="primary" data-stop onClick={() => recoverCase(copy.id)}>
            Recover
          </Button>
          <Button onClick={() => setAsked(true)}>Discard…</Button>
        </>
      )}
    </li>
  );
}
