import { useEffect, useState } from 'react';
import { asFaultlineError } from '../../../../core/base';
import type { Probe } from '../../../../core/connect';
import type { Connection } from '../../../../core/host';
import type { ConnectorInfo, DataSource } from '../../../../core/session';
import { attempt, host, track, workbench } from '../../state';
import { secretsOf } from './access';
import { connectionOf, edited, emptyForm, formOf, settled, type BackendForm } from './request';
import type { TestFailure } from './steps';

export type TestState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'found'; readonly probe: Probe; readonly ms: number }
  | ({ readonly kind: 'failed'; readonly message: string } & TestFailure);

export interface Backend {
  readonly connectors: readonly ConnectorInfo[];
  readonly connections: readonly Connection[];
  readonly form: BackendForm;
  readonly connector: ConnectorInfo | undefined;
  /** The host may have credentials of the chosen kind already. */
  readonly kept: boolean;
  readonly tested: TestState | undefined;
  /** Changes the form: what was tested no longer counts. */
  readonly edit: (change: Partial<BackendForm>) => void;
  readonly choose: (id: string) => void;
  readonly forget: () => void;
  /** Keeps the backend with the host and resolves to its id; rejects where the host refuses it. */
  readonly keep: () => Promise<string>;
  readonly test: () => Promise<boolean>;
  /** Data sources of the Grafana in the form; rejects where it does not tell. */
  readonly dataSources: () => Promise<readonly DataSource[]>;
}

/** Whether a backend answers: asked on demand, forgotten with each change. */
function useTest(keep: () => Promise<string>) {
  const [tested, setTested] = useState<TestState>();
  const test = async (): Promise<boolean> => {
    setTested({ kind: 'asking' });
    const begun = performance.now();
    try {
      const probe = await track(workbench().probe(await keep()));
      setTested({ kind: 'found', probe, ms: performance.now() - begun });
      return true;
    } catch (error) {
      const { message, code, detail } = asFaultlineError(error);
      const step = typeof detail?.['step'] === 'string' ? detail['step'] : undefined;
      setTested({ kind: 'failed', message, code, step });
      return false;
    }
  };
  return { tested, test, untest: () => setTested(undefined) };
}

/** What kinds of backend there are, and which are kept; the form begins with the given or first one. */
function useKnown(given: string | undefined) {
  const [connectors, setConnectors] = useState<readonly ConnectorInfo[]>([]);
  const [connections, setConnections] = useState<readonly Connection[]>([]);
  const [form, setForm] = useState<BackendForm>(emptyForm(''));
  useEffect(
    () =>
      attempt('The backends could not be read', async () => {
        const [kinds, known] = await Promise.all([workbench().connectors(), host().connections()]);
        setConnectors(kinds);
        setConnections(known);
        const start = known.find(({ id }) => id === given) ?? known[0];
        setForm(start ? formOf(start) : emptyForm(kinds[0]?.id ?? ''));
      }),
    [given],
  );
  const reread = async (): Promise<void> => setConnections(await host().connections());
  return { connectors, connections, form, setForm, reread };
}

/** The backend of the pull dialog: kept ones, the form, the test. */
export function useBackend(given: string | undefined): Backend {
  const { connectors, connections, form, setForm, reread } = useKnown(given);
  const connector = connectors.find(({ id }) => id === form.connector);
  const keep = async (): Promise<string> => {
    const ready = settled(form);
    const id = ready.id === '' ? crypto.randomUUID() : ready.id;
    const connection = connectionOf(ready, id, connector?.title ?? ready.connector);
    await host().saveConnection(connection, secretsOf(ready));
    // The secrets are the host's now; the page lets go of them.
    setForm(formOf(connection));
    await reread();
    return id;
  };
  const { tested, test, untest } = useTest(keep);
  const edit = (change: Partial<BackendForm>): void => {
    setForm((before) => edited(before, change, connector?.title ?? ''));
    untest();
  };
  const choose = (id: string): void => {
    const known = connections.find((connection) => connection.id === id);
    setForm(known ? formOf(known) : emptyForm(form.connector));
    untest();
  };
  const forget = (): void =>
    attempt('The backend could not be forgotten', async () => {
      await host().removeConnection(form.id);
      await reread();
      setForm(emptyForm(form.connector));
      untest();
    });
  const kept = connections.some(({ id, auth }) => id === form.id && auth === form.auth);
  const known = { connectors, connections, form, connector, kept, tested };
  const dataSources = async (): Promise<readonly DataSource[]> =>
    track(workbench().dataSources(await keep()));
  return { ...known, edit, choose, forget, keep, test, dataSources };
}
