import { alertGrouping, groupByTrouble, type AlertPoint } from '../core/analysis';
import { createRng } from '../core/base';

export interface AlertStep {
  readonly step: string;
  readonly alerts: number;
  readonly ms: number;
  readonly groups: number;
}

const rng = createRng('alerts');
const SYSTEMS = 4;
const ENTITIES = 25;
const NAMES = 40;

/** Troubles of four systems at random times, each with many of its alerts, and one heartbeat a system. */
function streamOf(alerts: number): AlertPoint[] {
  const points: AlertPoint[] = [];
  const fire = (system: number, entity: number, name: string, fromMs: number): void => {
    const id = `service:${system}-${entity}`;
    points.push({ fingerprint: `${id}/${name}`, entity: id, fromMs, toMs: fromMs + 60_000 });
  };
  const beats = Math.floor(alerts / 100);
  const spanMs = 120_000 * beats;
  for (let system = 0; system < SYSTEMS; system++) {
    for (let k = 0; k < beats; k++) fire(system, 0, 'Beat', 120_000 * k + 1000 * rng.next());
  }
  while (points.length < alerts) {
    const system = rng.int(SYSTEMS);
    const begin = spanMs * rng.next();
    for (let left = 100 + rng.int(200); left > 0 && points.length < alerts; left--) {
      const ms = begin - 120_000 * Math.log(1 - rng.next());
      fire(system, rng.int(ENTITIES), `Name${rng.int(NAMES)}`, ms);
    }
  }
  return points.sort((a, b) => a.fromMs - b.fromMs);
}

const edges = Array.from({ length: SYSTEMS * (ENTITIES - 1) }, (_, i) => {
  const [system, entity] = [Math.floor(i / (ENTITIES - 1)), 1 + (i % (ENTITIES - 1))];
  return {
    source: `service:${system}-${(entity - 1) >> 1}`,
    target: `service:${system}-${entity}`,
  };
});

/** Time of grouping, by number of alerts, best of five. */
export function alertsBench(): readonly AlertStep[] {
  const params = alertGrouping.params.parse({}) as Parameters<typeof groupByTrouble>[2];
  return [3_800, 38_000, 380_000].map((alerts) => {
    const points = streamOf(alerts);
    let ms = Infinity;
    let groups = 0;
    for (let i = 0; i < 5; i++) {
      const started = performance.now();
      groups = groupByTrouble(points, edges, params).length;
      ms = Math.min(ms, performance.now() - started);
    }
    return { step: 'grouping', alerts, ms, groups };
  });
}
