import { FaultlineError } from '../../../core/base';
import type { HostApi } from '../../../core/host';
import type { Workbench } from '../../../core/session';

/** The two things that the page reaches the world through; set once, at boot. */
export interface Services {
  readonly host: HostApi;
  readonly workbench: Workbench;
}

let services: Services | undefined;

export function provideServices(given: Services): void {
  services = given;
}

function must(): Services {
  if (services) return services;
  throw new FaultlineError('internal', 'The page asked for its services before it was started.');
}

export const host = (): HostApi => must().host;
export const workbench = (): Workbench => must().workbench;
