import { z } from 'zod';
import type { Frame } from '../../model';
import { versionShift } from '../../model/queries';
import { driftOf, effectOf } from '../detect/drift';
import { operations } from '../detect/spans';
import { defineAnalysis } from '../seam';
import type { ChangeFact, OperationShift } from '../shifts';
import { known, median, ramp, type Sums } from '../stats';
import { graph } from '../topology/graph';
import { queryWindows } from '../windows';
import { changes } from './changes';
import { contrastOf, type Arm, type Contrast, type OperationArm, type Usual } from './contrast';

/** What a change did to its service, as far as it can be told from what it did not touch. */
export interface ChangeContrast {
  readonly change: ChangeFact;
  /** Entity id of the service. */
  readonly service: string;
  /** Held against versions beside it, or against what was before; 'none': nothing to hold it against. */
  readonly mode: 'canary' | 'before-after' | 'none';
  /** Versions (else instances) that came with it, and those that stayed beside it. */
  readonly fresh: readonly string[];
  readonly kept: readonly string[];
  readonly contrast: Contrast | undefined;
  /** 0–1: how sure it made its service worse; how sure it did not. Both 0: it can't be told. */
  readonly guilt: number;
  readonly cleared: number;
}

const params = z.object({
  /** -log10 of the tail probability: where guilt begins, and where there is no doubt. */
  guilt: z.tuple([z.number(), z.number()]).default([2, 5]),
  /** Tail probability below which nothing is cleared. */
  clearedTail: z.number().default(0.05),
  /** A change that may have slowed its service by this factor, or failed this share more, is not cleared. */
  clearedFactor: z.number().gt(1).default(1.5),
  clearedErrors: z.number().positive().default(0.1),
  /** How much it is cleared by versions beside it, and by what was before. */
  clearedBy: z
    .object({ canary: z.number(), before: z.number() })
    .default({ canary: 1, before: 0.6 }),
  /** Changed services that are looked at; more are left out with a notice. */
  services: z.number().int().min(1).default(60),
});

type Params = z.output<typeof params>;

export const changeContrast = defineAnalysis({
  id: 'correlate.change-contrast',
  kind: 'correlate',
  version: 1,
  title: 'Holding changes against what they did not touch',
  cite: 'difference in differences: Card & Krueger (1994); canary against control: Google SRE workbook, ch. 16',
  params,
  uses: { changes, operations, graph },
  inputs: ({ incident, baseline }, given, { services }) => ({
    versions: versionShift({
      ...queryWindows(incident, baseline),
      services: changedServices(given, baseline.from, incident.to).slice(0, services),
    }),
  }),
  run: ({ scope, frames, given, params: limits, notice }): readonly ChangeContrast[] => {
    const { baseline, incident } = scope;
    const changed = changedServices(given, baseline.from, incident.to);
    const left = changed.length - limits.services;
    if (left > 0) {
      const message = `Changes of ${limits.services} services were held against what they did not touch, not those of ${left} more.`;
      notice({ code: 'changes-left-out', severity: 'info', count: left, message });
    }
    const usual = usualOf(given.operations, new Set(changed));
    const services = unitsOf(frames.versions);
    return given.changes
      .filter(({ ts }) => ts >= baseline.from && ts < incident.to)
      .flatMap((change) => {
        const service = given.graph.fold(change.entityId);
        const units = services.get(service);
        return units ? [judged(change, service, units, usual, limits)] : [];
      });
  },
});

interface Given {
  readonly changes: readonly ChangeFact[];
  readonly graph: { readonly fold: (id: string) => string };
}

function changedServices({ changes: all, graph: { fold } }: Given, from: bigint, to: bigint) {
  const ids = all
    .filter(({ ts }) => ts >= from && ts < to)
    .map(({ entityId }) => fold(entityId))
    .filter((id) => id.startsWith('service:'));
  return [...new Set(ids)].sort();
}

/** Services below which nothing is said of what is usual. */
const LEAST_SERVICES = 5;

/** How the services that did not change differ between the windows. */
export function usualOf(
  all: readonly OperationShift[],
  changed: ReadonlySet<string>,
  floor = 0.1,
): Usual {
  const effects = all
    .filter(({ service, base, incident, kind, peerSpoke }) => {
      const onTheWay = (kind === 3 || kind === 4) && peerSpoke;
      return !changed.has(service) && !onTheWay && base.n > 0 && incident.n > 0;
    })
    .map(({ service, base, incident }) => ({
      service,
      effect: effectOf(sumsOf(base), sumsOf(incident), floor),
    }));
  const byService = new Map<string, number[]>();
  for (const { service, effect } of effects) {
    byService.set(service, [...(byService.get(service) ?? []), effect.shift]);
  }
  const enough = byService.size >= LEAST_SERVICES;
  const shift = enough ? median([...byService.values()].map(median)) : 0;
  const around = effects.map(({ service, effect }) => ({
    service,
    effect: { ...effect, shift: effect.shift - shift },
  }));
  return { shift, drift: driftOf(around) };
}

const sumsOf = (stats: OperationShift['base']): Sums => ({
  n: stats.logN,
  sum: stats.logSum,
  sq: stats.logSq,
});

interface Unit {
  readonly unit: string;
  readonly born: bigint;
  /** By window: 0 the baseline, 1 the incident. */
  readonly windows: readonly [Map<string, OperationArm>, Map<string, OperationArm>];
}

type VersionFrame = Frame<(typeof versionShift)['def']['columns']>;

function unitsOf({ rows, col }: VersionFrame): ReadonlyMap<string, readonly Unit[]> {
  const services = new Map<string, Map<string, Unit>>();
  for (let i = 0; i < rows; i++) {
    const service = col.service[i] ?? '';
    const name = col.unit[i] ?? '';
    const units = services.get(service) ?? new Map<string, Unit>();
    services.set(service, units);
    const unit: Unit = units.get(name) ?? {
      unit: name,
      born: col.born[i] ?? 0n,
      windows: [new Map<string, OperationArm>(), new Map<string, OperationArm>()],
    };
    units.set(name, unit);
    const n = known(col.n[i]);
    const kind = col.kind[i] ?? 0;
    unit.windows[col.win[i] === 1 ? 1 : 0].set(`${kind}\u0001${col.name[i] ?? ''}`, {
      n,
      ownErrors: known(col.own_errors[i]),
      self: { n, sum: known(col.log_self[i]), sq: known(col.log_self_sq[i]) },
      calls: { n, sum: known(col.log_calls[i]), sq: known(col.log_calls_sq[i]) },
      isCall: kind === 3 || kind === 4,
    });
  }
  return new Map([...services].map(([service, units]) => [service, [...units.values()]]));
}

function judged(
  change: ChangeFact,
  service: string,
  units: readonly Unit[],
  usual: Usual,
  limits: Params,
): ChangeContrast {
  const named = units.some(({ unit }) => change.version !== '' && unit === change.version);
  const isFresh = ({ unit, born }: Unit): boolean =>
    unit !== '' && (named ? unit === change.version : born > change.ts);
  const fresh = units.filter(isFresh);
  const kept = units.filter((one) => !isFresh(one) && one.born <= change.ts);
  const side = {
    change,
    service,
    fresh: fresh.map(({ unit }) => unit),
    kept: kept.filter(({ windows }) => windows[1].size > 0).map(({ unit }) => unit),
  };
  // Side by side: whatever else happens, happens to both, failures of those they call among it.
  const beside = contrastOf(merged(fresh, 1), merged(kept, 1), { ...usual, shift: 0 }, true);
  if (beside && told(beside, limits)) {
    return { ...side, mode: 'canary', contrast: beside, ...verdictOf(beside, 'canary', limits) };
  }
  const after = merged(fresh.length > 0 ? fresh : units, 1);
  const contrast = contrastOf(after, merged(kept, 0), usual, false);
  if (!contrast) return { ...side, mode: 'none', contrast: undefined, guilt: 0, cleared: 0 };
  const verdict = verdictOf(contrast, 'before', limits);
  return { ...side, mode: 'before-after', contrast, ...verdict };
}

/** A canary with few requests tells nothing. */
function told(contrast: Contrast, limits: Params): boolean {
  const { guilt, cleared } = verdictOf(contrast, 'canary', limits);
  return guilt > 0 || cleared > 0;
}

function verdictOf(
  { tail, most }: Contrast,
  by: 'canary' | 'before',
  { guilt: [low, high], clearedTail, clearedFactor, clearedErrors, clearedBy }: Params,
): Pick<ChangeContrast, 'guilt' | 'cleared'> {
  const guilt = ramp(-Math.log10(Math.max(1e-12, tail)), low, high);
  const small = most.shift < Math.log(clearedFactor) && most.errors < clearedErrors;
  return { guilt, cleared: tail > clearedTail && small ? clearedBy[by] : 0 };
}

/** One window of several units as one arm. */
function merged(units: readonly Unit[], win: 0 | 1): Arm {
  const arm = new Map<string, OperationArm>();
  for (const { windows } of units) {
    for (const [name, one] of windows[win]) {
      const other = arm.get(name);
      arm.set(name, other ? added(one, other) : one);
    }
  }
  return arm;
}

const added = (a: OperationArm, b: OperationArm): OperationArm => ({
  n: a.n + b.n,
  ownErrors: a.ownErrors + b.ownErrors,
  self: plus(a.self, b.self),
  calls: plus(a.calls, b.calls),
  isCall: a.isCall,
});

const plus = (a: Sums, b: Sums): Sums => ({ n: a.n + b.n, sum: a.sum + b.sum, sq: a.sq + b.sq });
