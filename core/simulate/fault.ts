import type { Rng } from '../base';
import { SHOP } from './system';
import type { ServiceDef, Step } from './system-types';
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
  /** Starts the fault; called at its time. */
  inject(world: World, rng: Rng): void;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Where it strikes is drawn, so that no name gives it away. */
  draw(rng: Rng): Fault;
}

export function serviceDef(name: string): ServiceDef {
  const def = SHOP.services.find((s) => s.name === name);
  if (!def) throw new Error(`the system has no service ${name}`);
  return def;
}

export function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[rng.int(from.length)]!;
}

const LATENCY = 'service:request_duration_seconds:p99_1m';
const ERRORS = 'service:request_errors:ratio_1m';
export const slow = (service: string): Symptom => ({ service, metric: LATENCY, direction: 'up' });
export const failing = (service: string): Symptom => ({ service, metric: ERRORS, direction: 'up' });

/** What the duration of a service's requests is called in its own metrics. */
export function durationOf(service: string): string {
  return serviceDef(service).transport === 'grpc'
    ? 'rpc_server_duration_seconds'
    : 'http_server_request_duration_seconds';
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
