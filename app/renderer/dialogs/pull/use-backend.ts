import { useEffect, useState } from 'react';
import { asFaultlineError } from '../../../../core/base';
import type { Probe } from '../../../../core/connect';
import type { Connection } from '../../../../core/host';
import type { ConnectorInfo, DataSource } from '../../../../core/session';
import { attempt, host, track, useApp, workbench } from '../../state';
import { secretsOf } from './access';
import { connectionOf, edited, emptyForm, formOf, settled, type BackendForm } from './request';
import type { TestFailure } from './steps';
import { hasTraces, namedIn, settingsIn, traceKinds, traceStores } from './trace-stores';

export type TestState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'found'; readonly probe: Probe; readonly ms: number }
  | ({ readonly kind: 'failed'; readonly message: string } & TestFailure);

export interface Backend {
  readonly connectors: readonly ConnectorInfo[];
  readonly connections: readonly Connection[];
  readonly form: BackendForm;
  readonly connector: ConnectorInfo | undefined;
  /** Settings that name what to pull: where there are any, no time is needed. */
  readonly named: BackendForm['config'];
  /** Kept backends that can be asked for single traces, the last used first. */
  readonly stores: readonly Connection[];
  /** The host may have credentials of the chosen kind already. */
  readonly kept: boolean;
  readonly tested: TestState | undefined;
  /** Changes the form: what was tested no longer counts. */
  readonly edit: (change: Partial<BackendForm>) => void;
  readonly choose: (id: string) => void;
  /** Another kind of backend, not kept yet. */
  readonly chooseKind: (connector: string) => void;
  /** Asks for single traces: of the backend in the form, else of the store of traces that was used last. */
  readonly nameTraces: (ids: readonly string[]) => void;
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

/** What the form begins with. */
interface Given {
  readonly connectionId: string | undefined;
  readonly trace: string | undefined;
}

const sourcesNow = () => useApp.getState().info?.facts.sources ?? [];

/** A form that asks for single traces of a kept store, or of one that has still to be said. */
function formForTraces(
  trace: string,
  store: Connection | undefined,
  connectors: readonly ConnectorInfo[],
): BackendForm {
  const form = store ? formOf(store) : emptyForm(traceKinds(connectors)[0]?.id ?? '');
  return { ...form, config: { ...form.config, trace } };
}

/** What kinds of backend there are, and which are kept; the form begins with the given or first one. */
function useKnown({ connectionId, trace }: Given) {
  const [connectors, setConnectors] = useState<readonly ConnectorInfo[]>([]);
  const [connections, setConnections] = useState<readonly Connection[]>([]);
  const [form, setForm] = useState<BackendForm>(emptyForm(''));
  useEffect(
    () =>
      attempt('The backends could not be read', async () => {
        const [kinds, known] = await Promise.all([workbench().connectors(), host().connections()]);
        setConnectors(kinds);
        setConnections(known);
        if (trace !== undefined) {
          const [store] = traceStores(known, kinds, sourcesNow());
          return setForm(formForTraces(trace, store, kinds));
        }
        const start = known.find(({ id }) => id === connectionId) ?? known[0];
        setForm(start ? formOf(start) : emptyForm(kinds[0]?.id ?? ''));
      }),
    [connectionId, trace],
  );
  const reread = async (): Promise<void> => setConnections(await host().connections());
  return { connectors, connections, form, setForm, reread };
}

/** The backend of the pull dialog: kept ones, the form, the test. */
export function useBackend(given: Given): Backend {
  const { connectors, connections, form, setForm, reread } = useKnown(given);
  const connector = connectors.find(({ id }) => id === form.connector);
  const named = namedIn(form.config, connector);
  const keep = async (): Promise<string> => {
    const ready = settled(form);
    const id = ready.id === '' ? crypto.randomUUID() : ready.id;
    const kind = connector ?? { title: ready.connector, fields: [] };
    const connection = connectionOf(ready, id, kind);
    await host().saveConnection(connection, secretsOf(ready));
    // The secrets are the host's now; the page lets go of them.
    setForm(withNamed(formOf(connection), named, connector));
    await reread();
    return id;
  };
  const { tested, test, untest } = useTest(keep);
  const edit = (change: Partial<BackendForm>): void => {
    setForm((before) => edited(before, change, connector?.title ?? ''));
    untest();
  };
  const change = (next: BackendForm): void => {
    setForm(next);
    untest();
  };
  const kindOf = (id: string) => connectors.find((one) => one.id === id);
  const choose = (id: string): void => {
    const known = connections.find((connection) => connection.id === id);
    const next = known ? formOf(known) : emptyForm(form.connector);
    change(withNamed(next, named, kindOf(next.connector)));
  };
  const chooseKind = (id: string): void =>
    change({ ...form, connector: id, config: withNamed(emptyForm(id), named, kindOf(id)).config });
  const stores = traceStores(connections, connectors, sourcesNow());
  const nameTraces = (ids: readonly string[]): void => {
    const trace = ids.join(' ');
    const address = addressBefore(form, connections);
    if (hasTraces(connector) && (address !== '' || stores.length === 0)) {
      change({ ...form, url: address, config: { ...form.config, trace } });
    } else change(formForTraces(trace, stores[0], connectors));
  };
  const forget = (): void =>
    attempt('The backend could not be forgotten', async () => {
      await host().removeConnection(form.id);
      await reread();
      setForm(emptyForm(form.connector));
      untest();
    });
  const kept = connections.some(({ id, auth }) => id === form.id && auth === form.auth);
  const known = { connectors, connections, form, connector, named, stores, kept, tested };
  const dataSources = async (): Promise<readonly DataSource[]> =>
    track(workbench().dataSources(await keep()));
  return { ...known, edit, choose, chooseKind, nameTraces, forget, keep, test, dataSources };
}

/** A form with what is to be pulled, as far as its kind of backend can be asked for it. */
const withNamed = (
  form: BackendForm,
  named: BackendForm['config'],
  connector: ConnectorInfo | undefined,
): BackendForm => ({
  ...form,
  config: { ...settingsIn(form.config, connector), ...namedIn(named, connector) },
});

/** The address that stood in the form before a trace id was typed or pasted over it. */
function addressBefore({ id, url }: BackendForm, connections: readonly Connection[]): string {
  if (!/^[\s0-9a-f,-]*$/i.test(url)) return url;
  return connections.find((one) => one.id === id)?.url ?? '';
}
