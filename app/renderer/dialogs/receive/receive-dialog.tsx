import { useState } from 'react';
import { create } from 'zustand';
import { asFaultlineError, msToNs } from '../../../../core/base';
import { attempt, freshCaseName, openDialog, tell, useApp, workbench } from '../../state';
import { Button, Dialog, Grow, formatCount } from '../../ui';
import { TargetChoice, useTarget, type Target } from '../import/target';
import { useRunningJob } from '../job-progress';
import { UnsavedDialog } from '../unsaved';
import { isOpenToNetwork, senderSettings, type Listening, type Snippet } from './settings';

/** Outlives the dialog, as the receiver does. */
const useListening = create<{
  readonly addresses: Listening | undefined;
  /** Whether what comes in is analysed as it comes. */
  readonly follow: boolean;
}>()(() => ({ addresses: undefined, follow: true }));

const close = (): void => openDialog(undefined);

/** Listens for OpenTelemetry and alerts, into the open case or a new one. */
export function ReceiveDialog() {
  const job = useRunningJob('receive');
  const addresses = useListening((state) => state.addresses);
  return job && addresses ? <Running addresses={addresses} /> : <Begin />;
}

/** Begins to listen, after unsaved changes were asked about where a new case takes the open one's place. */
function useBegin(target: Target, newName: string) {
  const dirty = useApp((state) => state.info?.dirty ?? false);
  const [http, setHttp] = useState('127.0.0.1:4318');
  const [grpc, setGrpc] = useState('127.0.0.1:4317');
  const [failure, setFailure] = useState<string>();
  const [phase, setPhase] = useState<'idle' | 'ask' | 'starting'>('idle');
  const start = async (): Promise<void> => {
    setPhase('starting');
    setFailure(undefined);
    try {
      const newCase = target.intoOpen ? undefined : newName;
      const { follow } = useListening.getState();
      const addresses = await workbench().receiveStart(http, grpc, { newCase, follow });
      useListening.setState({ addresses });
    } catch (error) {
      setFailure(asFaultlineError(error).message);
      setPhase('idle');
    }
  };
  const go = (): void => {
    if (!target.intoOpen && dirty) setPhase('ask');
    else void start();
  };
  const stay = (): void => setPhase('idle');
  return { http, grpc, setHttp, setGrpc, failure, phase, go, start: () => void start(), stay };
}

function Begin() {
  const target = useTarget();
  const [suggested] = useState(() => `received ${freshCaseName(msToNs(Date.now())).slice(9)}`);
  const name = target.name ?? suggested;
  const begin = useBegin(target, name.trim() || suggested);
  const { failure, phase, go, start, stay } = begin;
  return (
    <>
      <Dialog
        title="Receive OpenTelemetry"
        aside={
          <>
            <Grow />
            <TargetChoice target={target} name={name} disabled={phase === 'starting'} />
          </>
        }
        width={760}
        onClose={close}
        footer={
          <>
            {failure !== undefined && (
              <span className="crit" role="alert">
                ■ {failure}
              </span>
            )}
            <Grow />
            <Button onClick={close}>Cancel</Button>
            <Button tone="primary" disabled={phase === 'starting'} onClick={go}>
              Start listening
            </Button>
          </>
        }
      >
        <p className="second">
          A receiver hears only what is sent from now on: traces, logs and metrics of SDKs and
          Collectors, and alerts of Alertmanager, Grafana and PagerDuty. What was stored before is
          pulled from a backend.
        </p>
        <Addresses begin={begin} />
        <Follow disabled={phase === 'starting'} />
      </Dialog>
      {phase === 'ask' && <UnsavedDialog onCancel={stay} onContinue={start} />}
    </>
  );
}

function Addresses({
  begin: { http, grpc, setHttp, setGrpc },
}: {
  readonly begin: ReturnType<typeof useBegin>;
}) {
  const open = isOpenToNetwork(http) || isOpenToNetwork(grpc);
  return (
    <>
      <div className="receive-addresses">
        <label className="field">
          <span>OTLP over HTTP, and webhooks</span>
          <input
            className="input mono"
            autoFocus
            spellCheck={false}
            value={http}
            onChange={(event) => setHttp(event.target.value)}
          />
        </label>
        <label className="field">
          <span>OTLP over gRPC</span>
          <input
            className="input mono"
            spellCheck={false}
            value={grpc}
            onChange={(event) => setGrpc(event.target.value)}
          />
        </label>
      </div>
      <p className="receive-word">
        {open ? (
          <span className="warn">
            ▲ Others on the network can send to this address; nothing asks them who they are.
          </span>
        ) : (
          <span className="faint">Only programs on this machine can send to it.</span>
        )}
      </p>
    </>
  );
}

function Follow({ disabled }: { readonly disabled: boolean }) {
  const follow = useListening((state) => state.follow);
  return (
    <label className="receive-word">
      <input
        type="checkbox"
        checked={follow}
        disabled={disabled}
        onChange={(event) => useListening.setState({ follow: event.target.checked })}
      />{' '}
      Show and analyse what comes in, about once a minute
    </label>
  );
}

function Running({ addresses }: { readonly addresses: Listening }) {
  const job = useRunningJob('receive');
  const name = useApp((state) => state.info?.name);
  const follow = useListening((state) => state.follow);
  const [stopping, setStopping] = useState(false);
  const stop = (): void => {
    setStopping(true);
    attempt('The receiver could not be stopped', async () => {
      await workbench().receiveStop();
      tell('Stopped receiving', `What came is in ${name ?? 'the case'} now.`);
      close();
    });
  };
  return (
    <Dialog
      title="Receiving OpenTelemetry"
      width={920}
      onClose={close}
      footer={
        <>
          <span className="faint">It goes on when this is closed: the status bar shows it.</span>
          <Grow />
          <Button onClick={close}>Close</Button>
          <Button tone="primary" disabled={stopping} onClick={stop}>
            {stopping ? 'Stopping…' : 'Stop and show what came'}
          </Button>
        </>
      }
    >
      <p className="num receive-count" role="status">
        <span className="strong">{formatCount(job?.done ?? 0)}</span> rows into {name}
        <span className="faint"> · {job?.label}</span>
      </p>
      <p className="second">
        Every delivery is committed before its sender is told so. The rows are shown and analysed{' '}
        {follow ? 'as they come, about once a minute' : 'when you stop'}. Point senders here:
      </p>
      <ul className="receive-settings">
        {senderSettings(addresses).map((snippet) => (
          <Setting key={snippet.title} snippet={snippet} />
        ))}
      </ul>
    </Dialog>
  );
}

function Setting({ snippet: { title, text } }: { readonly snippet: Snippet }) {
  const [copied, setCopied] = useState(false);
  return (
    <li>
      <p className="small second">{title}</p>
      <div className="receive-setting">
        <pre className="mono">{text}</pre>
        <Button
          aria-label={`Copy: ${title}`}
          onClick={() =>
            attempt('It could not be copied', async () => {
              await navigator.clipboard.writeText(text);
              setCopied(true);
            })
          }
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </div>
    </li>
  );
}
