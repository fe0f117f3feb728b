import { useState, type MouseEvent } from 'react';
import { msToNs, type TimeWindow } from '../../../../core/base';
import { endpointOf } from '../../../../core/host';
import type { SourceInfo } from '../../../../core/store';
import { attempt, host, openDialog, removeSource, showRows, useApp, workbench } from '../../state';
import { Button, Tag, formatDateTime, formatTime, openMenu, plural } from '../../ui';
import { askedOf, goOnFrom } from './describe';

/** One source: where it comes from, what was asked, how much came; resume, discard, remove. */
export function SourceCard({ source }: { readonly source: SourceInfo }) {
  const zone = useApp((state) => state.zone);
  const [asking, setAsking] = useState(false);
  const { sourceId, connector, name, rows, state, pulledAt } = source;
  const partial = state === 'partial';
  const busy = useBusy();
  const all = `SELECT * FROM sources WHERE source_id = ${sourceId}`;
  const remove = (): void => {
    setAsking(false);
    attempt(`${name} could not be removed`, () => removeSource(sourceId, name));
  };
  return (
    <li
      className="source"
      onContextMenu={(event) =>
        openMenu(event, [
          { title: 'Show what is stored about it', run: () => showRows(all, name) },
          { title: 'Copy name', run: () => void navigator.clipboard.writeText(name) },
          'line',
          { title: partial ? 'Discard…' : 'Remove…', run: () => setAsking(true) },
        ])
      }
    >
      <p className="source-head">
        <span className="strong cut grow" title={name}>
          {name}
        </span>
        <Tag>{connector}</Tag>
        {partial && <Tag tone="warn">partial</Tag>}
      </p>
      <p className="second num">
        {plural(rows, 'row')}
        <span className="faint"> · {formatDateTime(pulledAt, zone)}</span>
      </p>
      <Asked source={source} />
      {partial && (busy ? <p className="second">It is coming in.</p> : <BrokeOff />)}
      <Actions
        source={source}
        asking={asking}
        onAsk={() => setAsking(true)}
        onKeep={() => setAsking(false)}
        onRemove={remove}
      />
    </li>
  );
}

function BrokeOff() {
  return (
    <p className="warn">
      ▲ It broke off. What came since it was shown last is not analysed until it is resumed.
    </p>
  );
}

/** Something is being brought into the case. */
const useBusy = (): boolean =>
  useApp((state) =>
    state.jobs.some(
      ({ kind, state: now }) => now === 'running' && ['pull', 'follow', 'receive'].includes(kind),
    ),
  );

/** Where it came from and what was asked there. */
function Asked({ source }: { readonly source: SourceInfo }) {
  const zone = useApp((state) => state.zone);
  const { windows, facts } = askedOf(source);
  const { endpoint } = source;
  return (
    <>
      {endpoint !== '' && (
        <p className="mono faint cut" title={endpoint}>
          {endpoint}
        </p>
      )}
      {windows.map(({ from, to }, at) => (
        <p key={String(from)} className="small faint num">
          {at === 0 ? '' : 'and '}
          {formatDateTime(from, zone)} – {formatTime(to, zone)}
        </p>
      ))}
      {facts.map((fact) => (
        <p key={fact} className="small faint">
          {fact}
        </p>
      ))}
    </>
  );
}

function Actions({
  source,
  asking,
  onAsk,
  onKeep,
  onRemove,
}: {
  readonly source: SourceInfo;
  readonly asking: boolean;
  readonly onAsk: () => void;
  readonly onKeep: () => void;
  readonly onRemove: () => void;
}) {
  const { rows, state } = source;
  const partial = state === 'partial';
  return (
    <div className="source-actions">
      {asking ? (
        <>
          <span className="second">
            {plural(rows, 'row')} {rows === 1 ? 'goes' : 'go'}, and the case is analysed anew. It
            can be undone until the case is saved.
          </span>
          <Button tone="danger" onClick={onRemove}>
            {partial ? 'Discard' : 'Remove'}
          </Button>
          <Button autoFocus onClick={onKeep}>
            Keep
          </Button>
        </>
      ) : (
        <>
          {partial ? <Resume source={source} /> : <PullMore source={source} />}
          <Button tone="quiet" onClick={onAsk}>
            {partial ? 'Discard…' : 'Remove…'}
          </Button>
        </>
      )}
    </div>
  );
}

/** Another pull from where it came from: up to now, the time before, or anything else. */
function PullMore({ source }: { readonly source: SourceInfo }) {
  const { windows } = askedOf(source);
  if (source.endpoint === '' || windows.length === 0) return null;
  const ask = (window: TimeWindow | undefined): void =>
    attempt('The backends could not be read', async () => {
      const known = await host().connections();
      const same = known.find(
        (one) => one.connector === source.connector && endpointOf(one) === source.endpoint,
      );
      openDialog({ kind: 'pull', window, connectionId: same?.id });
    });
  const choose = (event: MouseEvent<HTMLButtonElement>): void => {
    const { later, earlier } = goOnFrom(windows, msToNs(Date.now()));
    // Below the button, also where a key pressed it.
    const { left: clientX, bottom: clientY } = event.currentTarget.getBoundingClientRect();
    openMenu({ preventDefault: () => event.preventDefault(), clientX, clientY }, [
      ...(later ? [{ title: 'From its end to now…', run: () => ask(later) }] : []),
      ...(earlier ? [{ title: 'As much again before it…', run: () => ask(earlier) }] : []),
      { title: 'The same time, something else…', run: () => ask(windows[0]) },
    ]);
  };
  return (
    <Button tone="quiet" title="Pulls further from this backend into the case" onClick={choose}>
      Pull more…
    </Button>
  );
}

function Resume({ source }: { readonly source: SourceInfo }) {
  const busy = useBusy();
  const receiver = source.connector === 'otlp-receiver';
  // A file's import leaves nothing partial unless the program was killed: it is taken in again as a whole.
  const file = source.endpoint === '' && !receiver;
  if (file) return <span className="small second">Import the file again to go on with it.</span>;
  return (
    <Button
      tone="primary"
      disabled={busy}
      title={busy ? 'Something is being pulled or received already' : 'Goes on after what is here'}
      onClick={() =>
        receiver
          ? openDialog({ kind: 'receive' })
          : attempt(`${source.name} could not be resumed`, () =>
              workbench().resumePull(source.sourceId),
            )
      }
    >
      Resume
    </Button>
  );
}
