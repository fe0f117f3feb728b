import { useEffect, useState } from 'react';
import { asFaultlineError } from '../../../core/base';
import type { Connection } from '../../../core/host';
import { attempt, host, openDialog, track, useApp, workbench } from '../state';
import { formatMs, openMenu } from '../ui';
import { downState, productBeside, type BackendState } from './backend-state';

async function probe(id: string): Promise<BackendState> {
  const begun = performance.now();
  try {
    const { product } = await workbench().probe(id);
    return { kind: 'up', product, ms: performance.now() - begun };
  } catch (error) {
    const { code, message } = asFaultlineError(error);
    return downState(code, message);
  }
}

/** Configured backends, each asked who it is. */
export function Backends() {
  const [connections, setConnections] = useState<readonly Connection[]>([]);
  const [states, setStates] = useState<Readonly<Record<string, BackendState>>>({});
  const dialog = useApp((state) => state.dialog?.kind);
  const ask = (id: string): void => {
    setStates((before) => ({ ...before, [id]: { kind: 'asking' } }));
    void track(probe(id)).then((state) => setStates((before) => ({ ...before, [id]: state })));
  };
  const read = async (): Promise<void> => {
    const known = await host().connections();
    setConnections(known);
    for (const { id } of known) ask(id);
  };
  // Again after the pull dialog: a connection may have come or changed.
  useEffect(() => {
    if (dialog === undefined) attempt('Backends', read);
  }, [dialog]);
  if (connections.length === 0) return null;
  const remove = (id: string): void =>
    attempt('The backend could not be removed', async () => {
      await host().removeConnection(id);
      setConnections(await host().connections());
    });
  return (
    <section aria-labelledby="start-backends">
      <h2 id="start-backends" className="start-head">
        Backends
      </h2>
      {connections.map((connection) => (
        <Backend
          key={connection.id}
          connection={connection}
          state={states[connection.id] ?? { kind: 'asking' }}
          onAsk={() => ask(connection.id)}
          onRemove={() => remove(connection.id)}
        />
      ))}
    </section>
  );
}

const SIGN = { asking: '◌', up: '●', down: '○' } as const;
const TONE = { asking: 'faint', up: 'ok', down: 'crit' } as const;

function Backend({
  connection,
  state,
  onAsk,
  onRemove,
}: {
  readonly connection: Connection;
  readonly state: BackendState;
  readonly onAsk: () => void;
  readonly onRemove: () => void;
}) {
  const { id, name, url } = connection;
  const pull = (): void => openDialog({ kind: 'pull', connectionId: id });
  return (
    <button
      type="button"
      className="start-action"
      data-stop
      title={state.kind === 'down' ? `${url}\n${state.why}` : url}
      onClick={pull}
      onKeyDown={(event) => event.key === 'Delete' && onRemove()}
      onContextMenu={(event) =>
        openMenu(event, [
          { title: 'Pull from it…', run: pull },
          { title: 'Test again', run: onAsk },
          { title: 'Copy address', run: () => void navigator.clipboard.writeText(url) },
          'line',
          { title: 'Remove', run: onRemove },
        ])
      }
    >
      <span className={TONE[state.kind]} aria-hidden>
        {SIGN[state.kind]}
      </span>
      <span className="grow cut">
        {name}{' '}
        {state.kind === 'up' && <span className="faint">{productBeside(name, state.product)}</span>}
      </span>
      <span className={`small num ${state.kind === 'down' ? 'crit' : 'faint'}`}>
        {state.kind === 'asking' && 'asking…'}
        {state.kind === 'up' && formatMs(Math.max(1, Math.round(state.ms)))}
        {state.kind === 'down' && state.word}
      </span>
    </button>
  );
}
