import { Actions, Layout, Model, type TabNode } from 'flexlayout-react';
import { Component, Suspense, lazy, useEffect, useRef, useState, type ReactNode } from 'react';
import { host, useApp, useCommandList } from '../state';
import { Button, Failure, Skeleton, type PanelDef } from '../ui';
import { defaultLayout, keptLayout, layoutText } from './layout';
import { PANELS } from './panels';

const KEEP_AFTER_MS = 500;

const components = new Map(PANELS.map((panel) => [panel.id, lazy(() => panel.load())]));

/** A panel that breaks must not take the others along. */
class PanelBoundary extends Component<
  { readonly panel: string; readonly children: ReactNode },
  { readonly error: Error | undefined }
> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Failure
        error={{ message: `This panel stopped: ${error.message}`, code: this.props.panel }}
        action={<Button onClick={() => this.setState({ error: undefined })}>Try again</Button>}
      />
    );
  }
}

function panelOf(node: TabNode): ReactNode {
  const id = node.getComponent() ?? '';
  const Panel = components.get(id);
  if (!Panel) return null;
  return (
    <PanelBoundary panel={id}>
      <Suspense fallback={<Skeleton />}>
        <Panel />
      </Suspense>
    </PanelBoundary>
  );
}

/** The docked panels; how a person lays them out is kept. */
export function Dock() {
  const [model, setModel] = useState<Model>();
  const timer = useRef<number>(undefined);
  const front = useApp((state) => state.front);

  useEffect(() => {
    void host()
      .readSetting('layout')
      .catch(() => null)
      .then((text) => setModel(modelOf(keptLayout(text, PANELS))));
    return () => clearTimeout(timer.current);
  }, []);

  useEffect(() => {
    if (model && front && model.getNodeById(front.panel)) {
      model.doAction(Actions.selectTab(front.panel));
    }
  }, [model, front]);

  useCommandList([
    {
      id: 'panels.reset',
      title: 'Reset the layout',
      group: 'Panels',
      run: () => {
        void host().writeSetting('layout', '');
        setModel(modelOf(undefined));
      },
    },
    ...PANELS.map((panel: PanelDef, at) => ({
      id: `panels.${panel.id}`,
      title: `Show ${panel.title.toLowerCase()}`,
      group: 'Panels' as const,
      keys: at < 9 ? [`Alt+${at + 1}`] : [],
      run: () => model?.doAction(Actions.selectTab(panel.id)),
    })),
  ]);

  if (!model) return null;
  return (
    <Layout
      model={model}
      factory={panelOf}
      supportsPopout={false}
      invalidateTabContentOnParentRender={false}
      onModelChange={(changed) => {
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => {
          void host().writeSetting('layout', layoutText(changed.toJson(), PANELS));
        }, KEEP_AFTER_MS);
      }}
    />
  );
}

function modelOf(kept: ReturnType<typeof keptLayout>): Model {
  try {
    return Model.fromJson(kept ?? defaultLayout(PANELS));
  } catch {
    return Model.fromJson(defaultLayout(PANELS));
  }
}
