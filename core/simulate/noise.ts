import type { Rng } from '../base';
import { waitFor } from './kernel';
import { rollOut } from './lifecycle';
import { SEVERITY } from './recorder';
import { known, type World } from './world';

export interface Timeline {
  /** Milliseconds of simulated time: when writing starts, the fault, the end. */
  readonly from: number;
  readonly fault: number;
  readonly end: number;
  /** The service at fault: what is harmless happens to others. */
  readonly victim: string | undefined;
}

const HARMLESS = [
  { service: 'recommendation', version: '0.42.0', message: 'Use the smaller embedding table' },
  { service: 'search', version: '2.14.1', message: 'Bump the analysis library' },
  { service: 'shipping', version: '1.22.1', message: 'Log the carrier of each quote' },
] as const;

/** What happens in every system on every day, whatever the fault: changes that do no harm, and chatter. */
export function startNoise(world: World, timeline: Timeline): void {
  const rng = world.noise.fork('noise');
  const { kernel } = world;
  const lead = timeline.fault - timeline.from;
  kernel.at(timeline.from + lead * (0.62 + 0.06 * rng.next()), () => {
    benignDeploy(world, rng, timeline.victim);
  });
  kernel.at(timeline.from + lead * 0.3, () => benignScale(world));
  kernel.at(timeline.fault - 70_000 - 30_000 * rng.next(), () => benignFlag(world));
  kernel.at(timeline.fault + 95_000 + 30_000 * rng.next(), () => benignConfig(world));
  kernel.at(timeline.from + lead * (0.42 + 0.06 * rng.next()), () => nightlyReport(world, rng));
  chatter(world, rng);
}

function benignDeploy(world: World, rng: Rng, victim: string | undefined): void {
  const others = HARMLESS.filter(({ service }) => service !== victim);
  const release = others[rng.int(others.length)]!;
  rollOut(world, { ...release, author: 'mira', commit: '7be1f0c' }, rng);
}

function benignScale(world: World): void {
  world.recorder.change(
    world.kernel.now,
    { kind: 'scale', title: 'Raise review memory request to 256Mi', version: '' },
    { service: 'review', namespace: world.def.namespace },
    { author: 'autoscaler' },
  );
}

function benignFlag(world: World): void {
  world.recorder.change(
    world.kernel.now,
    { kind: 'flag', title: 'Flag ads.new-ranking to 20 %', version: '' },
    { service: 'ads', namespace: world.def.namespace },
    { flag: 'ads.new-ranking', value: '0.2', author: 'jonas' },
  );
}

function benignConfig(world: World): void {
  world.recorder.change(
    world.kernel.now,
    { kind: 'config', title: 'Gateway access log format', version: '' },
    { service: 'gateway', namespace: world.def.namespace },
    { key: 'log_format', author: 'platform-bot' },
  );
}

/** A report job that reads whole tables of orders-db for a minute or two. */
function nightlyReport(world: World, rng: Rng): void {
  const { kernel } = world;
  const database = known(world.databases, 'orders-db');
  const resource = world.recorder.resources.intern({
    'service.name': 'report-cron',
    'k8s.cronjob.name': 'report-cron',
    'k8s.namespace.name': world.def.namespace,
  });
  world.recorder.log(kernel.now, resource, SEVERITY.info, 'report run started, 24 statements');
  kernel.spawn(
    (function* () {
      const { ms, rows } = database.statement('report');
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

/** Lines that are always there and mean nothing, an error among them. */
function chatter(world: World, rng: Rng): void {
  const { kernel, recorder } = world;
  const say = (service: string, everyMs: number, severity: number, text: () => string): void => {
    kernel.every(
      () => everyMs * (0.7 + 0.6 * rng.next()),
      () => {
        const instance = known(world.services, service).pick();
        if (instance) recorder.log(kernel.now, instance.resource, severity, text());
      },
    );
  };
  say(
    'ads',
    21_000,
    SEVERITY.error,
    () =>
      'level=error msg="refresh of geo database failed" err="GET https://geo.example/latest.mmdb: 404 Not Found"',
  );
  say('recommendation', 34_000, SEVERITY.warn, () => `model cache miss rate ${rng.int(20)} %`);
  say(
    'search',
    15_000,
    SEVERITY.info,
    () => `merged ${2 + rng.int(9)} segments in ${rng.int(900)} ms`,
  );
  say(
    'catalog',
    30_000,
    SEVERITY.info,
    () => `HikariPool-1 - Pool stats (total=8, idle=${5 + rng.int(4)})`,
  );
  say(
    'identity',
    19_000,
    SEVERITY.warn,
    () => `failed sign-in for u${rng.int(99_999)}: wrong password`,
  );
  say(
    'gateway',
    40_000,
    SEVERITY.warn,
    () => `upstream keepalive connection closed by peer, reopened`,
  );
  say(
    'storefront',
    55_000,
    SEVERITY.warn,
    () => `(node:1) DeprecationWarning: url.parse() is deprecated`,
  );
}
