import { stepsOf } from './fault';
import type { ServiceDef, Step, SystemDef } from './system-types';

/** Mean visits per request from outside, of everything in a system; and whom failing requests need. */
export interface Reach {
  readonly services: ReadonlyMap<string, number>;
  /** By `database/statement`. */
  readonly statements: ReadonlyMap<string, number>;
  readonly databases: ReadonlyMap<string, number>;
  readonly caches: ReadonlyMap<string, number>;
  /** Outside parties without whose answer a request from outside fails. */
  readonly externals: ReadonlyMap<string, number>;
  /** Services without which a request from outside fails. */
  readonly needed: ReadonlySet<string>;
}

class Walk implements Reach {
  readonly services = new Map<string, number>();
  readonly statements = new Map<string, number>();
  readonly databases = new Map<string, number>();
  readonly caches = new Map<string, number>();
  readonly externals = new Map<string, number>();
  readonly needed = new Set<string>();

  constructor(private readonly def: SystemDef) {
    const total = def.traffic.reduce((sum, { weight }) => sum + weight, 0);
    for (const { op, weight } of def.traffic) this.visit(def.entry, op, weight / total, true, true);
  }

  private visit(name: string, op: string, rate: number, needed: boolean, sync: boolean): void {
    add(this.services, name, rate);
    if (needed) this.needed.add(name);
    const service = this.def.services.find((s) => s.name === name);
    this.steps(service?.operations[op]?.steps ?? [], rate, needed, sync);
  }

  private steps(steps: readonly Step[], rate: number, needed: boolean, sync: boolean): void {
    for (const step of steps) {
      const share = rate * ('chance' in step ? (step.chance ?? 1) : 1);
      switch (step.do) {
        case 'call':
          this.visit(step.service, step.op, share, needed && !step.optional, sync);
          break;
        case 'db':
          add(this.databases, step.db, share);
          add(this.statements, `${step.db}/${step.statement}`, share);
          break;
        case 'cache':
          add(this.caches, step.cache, share);
          this.steps(step.miss ?? [], share * (1 - (step.hit ?? 1)), needed, sync);
          break;
        case 'external':
          if (sync && needed) add(this.externals, step.host, share);
          break;
        case 'publish':
          for (const { name, consumes } of this.def.services) {
            if (consumes?.topic === step.topic) this.visit(name, consumes.op, share, false, false);
          }
          break;
        case 'parallel':
        case 'span':
          this.steps(step.steps, share, needed, sync);
          break;
        case 'cpu':
        case 'fail':
      }
    }
  }
}

function add(to: Map<string, number>, key: string, rate: number): void {
  to.set(key, (to.get(key) ?? 0) + rate);
}

const known = new WeakMap<SystemDef, Reach>();

export function reachOf(def: SystemDef): Reach {
  let reach = known.get(def);
  if (!reach) known.set(def, (reach = new Walk(def)));
  return reach;
}

/** Requests per second that a service gets in a system of scale 1. */
export function rateOf(def: SystemDef, service: string): number {
  return def.telemetry.perSecond * (reachOf(def).services.get(service) ?? 0);
}

/** Below so many visits per request a fault can hardly be seen in minutes. */
const SEEN = 0.03;

/** Services that answer requests of others and stand behind the front. */
export function innerOf(def: SystemDef): readonly ServiceDef[] {
  const { services } = reachOf(def);
  return def.services.filter(
    ({ name, consumes }) =>
      name !== def.entry && name !== def.front && !consumes && (services.get(name) ?? 0) >= SEEN,
  );
}

/** Those of them without which nothing that matters is answered: what calls them fails with them. */
export function neededOf(def: SystemDef): readonly ServiceDef[] {
  return innerOf(def).filter(({ name }) => reachOf(def).needed.has(name));
}

/** Inner services whose callees they wait for. */
export function callingOf(def: SystemDef): readonly ServiceDef[] {
  return innerOf(def).filter((service) =>
    stepsOf(service).some((s) => s.do === 'call' && !s.optional),
  );
}

/** Those who hold connections to a database and answer requests. */
export function connectedOf(def: SystemDef): readonly ServiceDef[] {
  return innerOf(def).filter(({ connections }) => connections > 0);
}

/** Requests per second and instance from which one worker of 400 ms is too few. */
const BUSY = 2.2;

export function busyOf(def: SystemDef): readonly ServiceDef[] {
  return innerOf(def).filter(({ name, instances }) => rateOf(def, name) / instances >= BUSY);
}

/** Those who call a service, directly or by others, in the order in which they are listed. */
export function callersOf(def: SystemDef, service: string): readonly ServiceDef[] {
  const found = new Set([service]);
  for (const callee of found) {
    for (const other of def.services) {
      if (stepsOf(other).some((s) => s.do === 'call' && s.service === callee))
        found.add(other.name);
    }
  }
  found.delete(service);
  return def.services.filter(({ name }) => found.has(name));
}

/** Databases that users wait for. */
export function databasesOf(def: SystemDef): readonly string[] {
  return def.databases
    .map(({ name }) => name)
    .filter((name) => (reachOf(def).databases.get(name) ?? 0) >= SEEN);
}

export function cachesOf(def: SystemDef): readonly string[] {
  return def.caches
    .map(({ name }) => name)
    .filter((name) => (reachOf(def).caches.get(name) ?? 0) >= SEEN);
}

export function externalsOf(def: SystemDef): readonly string[] {
  return [...reachOf(def).externals].filter(([, rate]) => rate >= SEEN / 2).map(([host]) => host);
}

export function consumersOf(def: SystemDef): readonly ServiceDef[] {
  return def.services.filter(({ consumes }) => consumes);
}

/** Median milliseconds that an operation takes where nothing is wrong. */
export function medianOf(def: SystemDef, service: string, op: string): number {
  const steps = def.services.find((s) => s.name === service)?.operations[op]?.steps ?? [];
  return costOf(def, steps);
}

/** Two ways over the network. */
const NETWORK_MS = 0.7;

function costOf(def: SystemDef, steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    const share = 'chance' in step ? (step.chance ?? 1) : 1;
    switch (step.do) {
      case 'cpu':
        return sum + step.ms;
      case 'call':
        return sum + share * (NETWORK_MS + medianOf(def, step.service, step.op));
      case 'db': {
        const database = def.databases.find(({ name }) => name === step.db);
        return sum + share * (NETWORK_MS + (database?.statements[step.statement]?.ms ?? 0));
      }
      case 'cache':
        return sum + NETWORK_MS + (1 - (step.hit ?? 1)) * costOf(def, step.miss ?? []);
      case 'external':
        return sum + share * step.ms;
      case 'parallel':
        return sum + Math.max(0, ...step.steps.map((one) => costOf(def, [one])));
      case 'span':
        return sum + costOf(def, step.steps);
      case 'publish':
      case 'fail':
        return sum;
    }
  }, 0);
}
