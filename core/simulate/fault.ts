import type { Rng } from '../base';
import type { ServiceDef, Step, SystemDef } from './system-types';
import type { World } from './world';

/** What broke, as the benchmark sets' truth.json states it. */
export interface RootCause {
  /** The entity at fault: a service, or the host, cache or outside party where it is one. */
  readonly service: string;
  readonly instance?: string;
  readonly kind: string;
  readonly metric?: string;
  /** Title of the change that did it. */
  readonly change?: string;
}

export interface Symptom {
  readonly service: string;
  readonly metric: string;
  readonly direction: string;
}

/** One way in which a scenario goes wrong. */
export interface Fault {
  readonly cause: RootCause | undefined;
  /** Where several things break at once: each of them, `cause` being the first. */
  readonly causes?: readonly RootCause[];
  readonly level: 'service' | 'host';
  readonly symptom: Symptom | undefined;
  /** Milliseconds before the fault in which its way is paved: a release whose defect shows later. */
  readonly leadMs?: number;
  /**
   * Starts the fault; called at its time, or `leadMs` before it (later where the telemetry is too short).
   * `fault` is when it has to show, in milliseconds of simulated time.
   */
  inject(world: World, rng: Rng, fault: number): void;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** False where a system has nothing that could break like this; all fit where it is not given. */
  fits?(def: SystemDef): boolean;
  /** Where it strikes is drawn, so that no name gives it away. */
  draw(rng: Rng, def: SystemDef): Fault;
}

export function serviceDef(def: SystemDef, name: string): ServiceDef {
  const found = def.services.find((s) => s.name === name);
  if (!found) throw new Error(`the system has no service ${name}`);
  return found;
}

export function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[rng.int(from.length)]!;
}

export const slow = ({ telemetry }: SystemDef, service: string): Symptom => ({
  service,
  metric: telemetry.recorded.latency,
  direction: 'up',
});
export const failing = ({ telemetry }: SystemDef, service: string): Symptom => ({
  service,
  metric: telemetry.recorded.errors,
  direction: 'up',
});

/** What the duration of a service's requests is called in its own metrics. */
export function durationOf(def: SystemDef, service: ServiceDef): string {
  const { metrics, recorded } = def.telemetry;
  if (metrics === 'gauges') return recorded.latency;
  if (metrics === 'micrometer') return 'http_server_requests_seconds';
  return service.transport === 'grpc'
    ? 'rpc_server_duration_seconds'
    : 'http_server_request_duration_seconds';
}

/** What the count of a service's requests is called in its own metrics. */
export function requestsOf(def: SystemDef, service: ServiceDef): string {
  const { metrics, recorded } = def.telemetry;
  if (metrics === 'gauges') return recorded.rate;
  if (metrics === 'micrometer') return 'http_server_requests_seconds_count';
  return service.transport === 'grpc' ? 'rpc_server_requests_total' : 'http_server_requests_total';
}

/** The steps with each one replaced by what `change` makes of it, inner ones first. */
export function mapSteps(
  steps: readonly Step[],
  change: (step: Step) => Step | readonly Step[],
): readonly Step[] {
  return steps.flatMap((step) => {
    if (step.do === 'parallel' || step.do === 'span') {
      return change({ ...step, steps: mapSteps(step.steps, change) });
    }
    if (step.do === 'cache' && step.miss) {
      return change({ ...step, miss: mapSteps(step.miss, change) });
    }
    return change(step);
  });
}

/** All steps of a service, inner ones too. */
export function stepsOf({ operations }: ServiceDef): readonly Step[] {
  const all: Step[] = [];
  for (const { steps } of Object.values(operations)) {
    mapSteps(steps, (step) => {
      all.push(step);
      return step;
    });
  }
  return all;
}
