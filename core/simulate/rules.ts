import type { Attributes } from '../model';
import { memoryOf } from './lifecycle';
import { NO_LABELS, Target, gauge, round, type Metric } from './series';
import { BOUNDS, type Service, type World } from './world';

interface Totals {
  readonly count: number;
  readonly errors: number;
  readonly buckets: Float64Array;
}

interface Firing {
  readonly name: string;
  readonly labels: Attributes;
  readonly annotations: Attributes;
  readonly resource: Attributes;
  since: number;
  /** When it had lasted for long enough; undefined while it is only pending. */
  firedAt: number | undefined;
  lastTrue: number;
}

/** Recording rules over the services' counters, and alerting rules over those and the exporters' figures. */
export class Rules {
  private readonly rings = new Map<Service, Totals[]>();
  private readonly targets = new Map<Service, Target>();
  private readonly firing = new Map<string, Firing>();
  private readonly hosts = new Map<string, { busy: number; retransmits: number }>();
  private readonly rate: Metric;
  private readonly ratio: Metric;
  private readonly p99: Metric;

  constructor(
    private readonly world: World,
    private readonly stepMs: number,
    /** Nothing fires before; what fires already when writing starts is said to have started then. */
    private readonly from: number,
  ) {
    const { rate, errors, latency } = world.def.telemetry.recorded;
    this.rate = gauge(rate, 'Requests per second over one minute.');
    this.ratio = gauge(errors, 'Share of failed requests over one minute.');
    this.p99 = gauge(latency, '99th percentile of the duration over one minute.');
  }

  evaluate(): void {
    const { world } = this;
    const { now } = world.kernel;
    const ts = world.recorder.time(now);
    for (const service of world.services.values()) this.evaluateService(ts, service);
    this.evaluatePlatform();
    this.evaluateNoise();
    for (const [key, alert] of this.firing) {
      if (alert.lastTrue === now) continue;
      this.end(alert, now);
      this.firing.delete(key);
    }
  }

  /** Writes the alerts that still fire. */
  finish(): void {
    for (const alert of this.firing.values()) this.end(alert, undefined);
    this.firing.clear();
  }

  private end(alert: Firing, at: number | undefined): void {
    if (alert.firedAt === undefined) return;
    const starts = Math.max(alert.firedAt, this.from);
    const { recorder } = this.world;
    recorder.alert(starts, at, alert.name, alert.labels, alert.annotations, alert.resource);
  }

  private evaluateService(ts: bigint, service: Service): void {
    const { totals } = service;
    let errors = 0;
    for (const [status, n] of totals.byStatus) if (status >= 500) errors += n;
    const current = { count: totals.count, errors, buckets: totals.buckets.slice() };
    const ring = this.rings.get(service) ?? [];
    this.rings.set(service, ring);
    ring.push(current);
    if (ring.length > Math.max(1, Math.round(60_000 / this.stepMs)) + 1) ring.shift();
    const first = ring[0]!;
    const seconds = ((ring.length - 1) * this.stepMs) / 1000;
    const count = current.count - first.count;
    if (seconds === 0 || count === 0 || this.world.kernel.now < this.from) return;
    const target = this.targetOf(service);
    const ratio = (current.errors - first.errors) / count;
    const p99 = quantile(current.buckets, first.buckets, count, 0.99);
    target.put(ts, this.rate, '', NO_LABELS, round(count / seconds));
    target.put(ts, this.ratio, '', NO_LABELS, round(ratio));
    target.put(ts, this.p99, '', NO_LABELS, round(p99));
    const { name } = service.def;
    const { alerts, latencyLimit } = this.world.def.telemetry;
    const labels = { service: name, namespace: this.world.def.namespace };
    this.hold(ratio > 0.05, 60, alerts.errors, 'critical', labels, () => ({
      summary: `${(ratio * 100).toFixed(1)} % of requests to ${name} fail`,
    }));
    this.hold(p99 > latencyLimit, 60, alerts.latency, 'warning', labels, () => ({
      summary: `p99 of ${name} is ${p99.toFixed(2)} s`,
    }));
  }

  private targetOf(service: Service): Target {
    let target = this.targets.get(service);
    if (!target) {
      target = new Target(this.world.recorder, { service: service.def.name });
      this.targets.set(service, target);
    }
    return target;
  }

  private evaluatePlatform(): void {
    const { world } = this;
    const { now } = world.kernel;
    for (const database of world.databases.values()) {
      const { name } = database.def;
      const full = database.slots.busy >= database.slots.capacity && database.slots.waiting > 0;
      this.hold(full, 45, 'DatabaseSaturated', 'critical', { service: name }, () => ({
        summary: `${name} has ${database.active} active statements`,
      }));
    }
    for (const cache of world.caches.values()) {
      this.hold(!cache.up, 30, 'RedisDown', 'critical', { service: cache.def.name }, () => ({
        summary: `${cache.def.name} does not answer`,
      }));
    }
    for (const topic of world.topics.values()) {
      for (const [group, { waiting }] of topic.groups) {
        const labels = { consumergroup: group, topic: topic.def.name };
        this.hold(waiting.length > 40, 60, 'ConsumerLag', 'warning', labels, () => ({
          summary: `${group} is ${waiting.length} messages behind`,
        }));
      }
    }
    for (const service of world.services.values()) {
      for (const instance of service.instances) {
        const labels = {
          namespace: world.def.namespace,
          pod: instance.pod,
          container: service.def.name,
        };
        const used = memoryOf(instance, now) / service.def.memory.limit;
        this.hold(used > 0.9, 30, 'ContainerMemoryNearLimit', 'warning', labels, () => ({
          summary: `${instance.pod} uses ${Math.round(used * 100)} % of its memory limit`,
        }));
        const young = instance.restarts > 0 && now - instance.startedAt < 120_000;
        this.hold(young || !instance.up, 0, 'PodRestarting', 'warning', labels, () => ({
          summary: `${instance.pod} restarted`,
        }));
      }
    }
    for (const host of world.hosts) {
      const before = this.hosts.get(host.name) ?? { busy: 0, retransmits: 0 };
      this.hosts.set(host.name, { busy: host.busyMs, retransmits: host.retransmits });
      const room = this.stepMs * host.cores;
      const load = Math.min(1, (host.busyMs - before.busy) / room + host.stress / host.cores);
      const labels = { node: host.name, instance: `${host.address}:9100` };
      this.hold(load > 0.9, 90, 'NodeCpuSaturated', 'warning', labels, () => ({
        summary: `${host.name} uses ${Math.round(load * 100)} % of its processors`,
      }));
      const again = host.retransmits - before.retransmits;
      this.hold(again > 30, 60, 'NodeTcpRetransmits', 'warning', labels, () => ({
        summary: `${host.name} sent ${again} segments again`,
      }));
    }
  }

  /** Alerts that everyone has learned to ignore. */
  private evaluateNoise(): void {
    const { now } = this.world.kernel;
    const { disk, flapping } = this.world.def.noise;
    this.hold(true, 0, 'FilesystemFillsUpIn4Days', 'warning', disk, () => ({
      summary: `The backup volume of ${disk.node} fills up`,
    }));
    const flap = (now - this.from) % 420_000;
    const { name, service, summary } = flapping;
    const labels = { service, namespace: this.world.def.namespace };
    this.hold(flap > 150_000 && flap < 235_000, 0, name, 'info', labels, () => ({ summary }));
  }

  private hold(
    condition: boolean,
    forSeconds: number,
    name: string,
    severity: string,
    labels: Attributes,
    annotations: () => Attributes,
  ): void {
    if (!condition) return;
    const { now } = this.world.kernel;
    const key = `${name} ${Object.values(labels).join(' ')}`;
    let alert = this.firing.get(key);
    if (!alert) {
      const resource = resourceLabels(labels);
      alert = {
        name,
        labels: { ...labels, severity },
        annotations: annotations(),
        resource,
        since: now,
        firedAt: undefined,
        lastTrue: now,
      };
      this.firing.set(key, alert);
    }
    alert.lastTrue = now;
    if (alert.firedAt === undefined && now - alert.since >= forSeconds * 1000) alert.firedAt = now;
  }
}

const PLACE_LABELS = ['service', 'namespace', 'pod', 'container', 'node', 'instance'];

function resourceLabels(labels: Attributes): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => PLACE_LABELS.includes(key)));
}

/** As Prometheus' histogram_quantile: linear within the bucket, the last bound for what lies beyond. */
function quantile(now: Float64Array, before: Float64Array, count: number, q: number): number {
  const rank = q * count;
  let below = 0;
  for (let i = 0; i < BOUNDS.length; i++) {
    const inside = now[i]! - before[i]!;
    if (below + inside >= rank && inside > 0) {
      const low = i === 0 ? 0 : BOUNDS[i - 1]!;
      return low + (BOUNDS[i]! - low) * ((rank - below) / inside);
    }
    below += inside;
  }
  return BOUNDS[BOUNDS.length - 1]!;
}
