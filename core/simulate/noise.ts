import type { Rng } from '../base';
import { waitFor } from './kernel';
import { rollOut } from './lifecycle';
import { SEVERITY } from './recorder';
import type { NoiseDef } from './system-types';
import { known, type World } from './world';

export interface Timeline {
  /** Milliseconds of simulated time: when writing starts, the fault, the end. */
  readonly from: number;
  readonly fault: number;
  readonly end: number;
  /** The service at fault: what is harmless happens to others. */
  readonly victim: string | undefined;
}

/** What happens in every system on every day, whatever the fault: changes that do no harm, and chatter. */
export function startNoise(world: World, timeline: Timeline): void {
  const rng = world.noise.fork('noise');
  const { kernel } = world;
  const { noise } = world.def;
  const lead = timeline.fault - timeline.from;
  kernel.at(timeline.from + lead * (0.62 + 0.06 * rng.next()), () => {
    benignDeploy(world, rng, timeline.victim);
  });
  kernel.at(timeline.from + lead * 0.3, () => benignScale(world, noise));
  kernel.at(timeline.fault - 70_000 - 30_000 * rng.next(), () => benignFlag(world, noise));
  kernel.at(timeline.fault + 95_000 + 30_000 * rng.next(), () => benignConfig(world, noise));
  const report = timeline.from + lead * (0.42 + 0.06 * rng.next());
  if (noise.report) kernel.at(report, () => nightlyReport(world, noise, rng));
  for (const { service, everyMs, severity, text } of noise.chatter) {
    kernel.every(
      () => everyMs * (0.7 + 0.6 * rng.next()),
      () => {
        const instance = known(world.services, service).pick();
        if (!instance) return;
        world.recorder.log(kernel.now, instance.resource, SEVERITY[severity], text(rng));
      },
    );
  }
}

function benignDeploy(world: World, rng: Rng, victim: string | undefined): void {
  const others = world.def.noise.releases.filter(({ service }) => service !== victim);
  const release = others[rng.int(others.length)]!;
  rollOut(world, { ...release, author: 'mira', commit: '7be1f0c' }, rng);
}

function benignScale(world: World, { scale }: NoiseDef): void {
  world.recorder.change(
    world.kernel.now,
    { kind: 'scale', title: scale.title, version: '' },
    { service: scale.service, namespace: world.def.namespace },
    { author: 'autoscaler' },
  );
}

function benignFlag(world: World, { flag }: NoiseDef): void {
  const name = `${flag.service}.${flag.name}`;
  const title = `Flag ${name} to ${Math.round(flag.share * 100)} %`;
  world.recorder.change(
    world.kernel.now,
    { kind: 'flag', title, version: '' },
    { service: flag.service, namespace: world.def.namespace },
    { flag: name, value: String(flag.share), author: 'jonas' },
  );
}

function benignConfig(world: World, { config }: NoiseDef): void {
  world.recorder.change(
    world.kernel.now,
    { kind: 'config', title: config.title, version: '' },
    { service: config.service, namespace: world.def.namespace },
    { key: config.key, author: 'platform-bot' },
  );
}

/** A report job that reads whole tables for a minute or two. */
function nightlyReport(world: World, { report }: NoiseDef, rng: Rng): void {
  if (!report) return;
  const { kernel } = world;
  const database = known(world.databases, report.db);
  const resource = world.recorder.resources.intern({
    'service.name': report.job,
    'k8s.cronjob.name': report.job,
    'k8s.namespace.name': world.def.namespace,
  });
  world.recorder.log(kernel.now, resource, SEVERITY.info, 'report run started, 24 statements');
  kernel.spawn(
    (function* () {
      const { ms, rows } = database.statement(report.statement);
      for (let i = 0; i < 24; i++) {
        const slot = database.slots.acquire();
        if (slot !== true && slot !== undefined) yield* waitFor(slot);
        database.active++;
        const work = ms * (0.6 + 0.8 * rng.next());
        yield work;
        database.slots.release();
        database.active--;
        database.busyMs += work;
        database.host.busyMs += work;
        database.rowsRead += rows;
        yield 400;
      }
      world.recorder.log(kernel.now, resource, SEVERITY.info, 'report run finished');
    })(),
  );
}
