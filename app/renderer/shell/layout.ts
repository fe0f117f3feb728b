import type { IJsonModel, IJsonTabNode } from 'flexlayout-react';
import type { PanelDef } from '../ui';

/** Raise it when the default layout changes so much that a kept one should give way. */
export const LAYOUT_VERSION = 1;

const tabs = (panels: readonly PanelDef[], place: PanelDef['place']): IJsonTabNode[] =>
  panels
    .filter((panel) => panel.place === place)
    .map(({ id, title }) => ({ type: 'tab', id, name: title, component: id }));

/** Timeline above; topology, findings and the details of what is selected below. */
export function defaultLayout(panels: readonly PanelDef[]): IJsonModel {
  const tabset = (place: PanelDef['place'], weight: number, strip = true) => ({
    type: 'tabset',
    id: `set-${place}`,
    weight,
    enableTabStrip: strip,
    children: tabs(panels, place),
  });
  return {
    global: {
      tabEnableClose: false,
      tabEnableRename: false,
      tabEnablePopout: false,
      tabSetEnableMaximize: true,
      tabSetMinWidth: 160,
      tabSetMinHeight: 80,
      rootOrientationVertical: true,
    },
    layout: {
      type: 'row',
      children: [
        tabset('top', 46, false),
        {
          type: 'row',
          weight: 54,
          children: [tabset('left', 31), tabset('middle', 24), tabset('right', 45)],
        },
      ],
    },
  };
}

/** A kept layout as JSON text, if it is of this version and still knows every panel. */
export function keptLayout(
  text: string | null,
  panels: readonly PanelDef[],
): IJsonModel | undefined {
  if (text === null) return undefined;
  try {
    const kept = JSON.parse(text) as { version?: unknown; panels?: unknown; model?: IJsonModel };
    const same = kept.version === LAYOUT_VERSION && kept.panels === idsOf(panels);
    return same ? kept.model : undefined;
  } catch {
    return undefined;
  }
}

export function layoutText(model: IJsonModel, panels: readonly PanelDef[]): string {
  return JSON.stringify({ version: LAYOUT_VERSION, panels: idsOf(panels), model });
}

const idsOf = (panels: readonly PanelDef[]): string => panels.map((panel) => panel.id).join(' ');
