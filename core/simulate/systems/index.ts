import type { SystemDef } from '../system-types';
import { CLAIMS } from './claims';
import { CLIPS } from './clips';
import { FEED } from './feed';
import { METERS } from './meters';
import { SHOP } from './shop';

/** All systems that a scenario can happen in. */
export const SYSTEMS: readonly SystemDef[] = [SHOP, CLAIMS, FEED, CLIPS, METERS];

/** The system of the sample. */
export const defaultSystem = SHOP.id;

export function systemOf(id: string): SystemDef | undefined {
  return SYSTEMS.find((system) => system.id === id);
}
