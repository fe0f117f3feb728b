import {
  Box,
  Cloud,
  Container,
  Database,
  Hexagon,
  HelpCircle,
  Layers,
  ListOrdered,
  MonitorSmartphone,
  Server,
  type LucideIcon,
} from 'lucide-react';
import type { Entity, EntityKind } from '../../../core/model';
import { parseEntityId } from '../../../core/model';
import { hoverEntity, select, selectEntity, useApp, usePointer } from '../state';
import { openMenu, type MenuItem } from './menu';

export const ENTITY_ICON: Readonly<Record<EntityKind, LucideIcon>> = {
  service: Hexagon,
  service_instance: Box,
  host: Server,
  container: Container,
  database: Database,
  cache: Layers,
  queue: ListOrdered,
  external: Cloud,
  client: MonitorSmartphone,
  unknown: HelpCircle,
};

export const KIND_WORD: Readonly<Record<EntityKind, string>> = {
  service: 'service',
  service_instance: 'instance',
  host: 'host',
  container: 'container',
  database: 'database',
  cache: 'cache',
  queue: 'queue',
  external: 'external',
  client: 'client',
  unknown: 'unknown kind',
};

/** What a right click on an entity offers, everywhere. */
export function entityMenu(entity: Entity, more: readonly (MenuItem | 'line')[] = []) {
  return [
    { title: `Select ${entity.name}`, run: () => selectEntity(entity.id) },
    ...more,
    { title: 'Copy name', run: () => void navigator.clipboard.writeText(entity.name) },
  ];
}

/** An entity's name: a door to it, lit everywhere while the pointer is over it. */
export function EntityName({ id, icon = true }: { readonly id: string; readonly icon?: boolean }) {
  const entity = parseEntityId(id);
  const lit = usePointer((state) => state.entityId === id);
  const selected = useApp((state) => state.selection.entityId === id);
  const Icon = ENTITY_ICON[entity.kind];
  return (
    <button
      type="button"
      className={`entity ${lit ? 'lit' : ''} ${selected ? 'selected' : ''}`}
      title={`${entity.name}, ${KIND_WORD[entity.kind]}`}
      onClick={() => (selected ? select({ entityId: undefined }) : selectEntity(id))}
      onPointerEnter={() => hoverEntity(id)}
      onPointerLeave={() => hoverEntity(undefined)}
      onContextMenu={(event) => openMenu(event, entityMenu(entity))}
    >
      {icon && <Icon size={12} aria-hidden />}
      {entity.name}
    </button>
  );
}
