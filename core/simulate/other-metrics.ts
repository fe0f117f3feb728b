import { memoryOf } from './lifecycle';
import { NO_LABELS, Target, counter, gauge, round, type Metric } from './series';
import type { Instance, OperationStats, Service, World } from './world';

interface Timer {
  readonly count: Metric;
  readonly sum: Metric;
  readonly max: Metric;
}

/** A Micrometer timer: no buckets, a maximum of the last interval. */
const timer = (name: string, help: string): Timer => ({
  count: counter(`${name}_count`, help),
  sum: counter(`${name}_sum`, help, 'seconds'),
  max: gauge(`${name}_max`, help, 'seconds'),
});

const HTTP = timer('http_server_requests_seconds', 'Time in HTTP requests.');
const GRPC = timer('grpc_server_processing_duration_seconds', 'Time in calls.');
const LISTENER = timer('spring_rabbitmq_listener_seconds', 'Time in message listeners.');
const CPU = gauge('process_cpu_usage', 'Share of the processors used by the process.');
const MEMORY = gauge('jvm_memory_used_bytes', 'Memory in use.', 'bytes');
const BUSY = gauge('tomcat_threads_busy_threads', 'Threads that handle a request.');
const QUEUE = gauge('executor_queued_tasks', 'Tasks that wait for a thread.');
const ACTIVE = gauge('hikaricp_connections_active', 'Connections in use.');
const PENDING = gauge('hikaricp_connections_pending', 'Threads that wait for a connection.');
const PAUSE = counter('jvm_gc_pause_seconds_sum', 'Time in collection pauses.', 'seconds');
const UPTIME = gauge('process_uptime_seconds', 'Time since the start.', 'seconds');

/** Micrometer's registry of each process, scraped. */
export class MicrometerPods {
  private readonly targets = new Map<Instance, Target>();
  private readonly spent = new Map<Instance, number>();

  constructor(
    private readonly world: World,
    private readonly stepMs: number,
  ) {}

  scrape(ts: bigint, service: Service): void {
    for (const instance of service.instances) if (instance.up) this.one(ts, instance);
  }

  private one(ts: bigint, instance: Instance): void {
    const { now } = this.world.kernel;
    const target = this.targetOf(instance);
    const used = Math.max(0, instance.cpuMs - (this.spent.get(instance) ?? 0));
    this.spent.set(instance, instance.cpuMs);
    target.put(ts, CPU, '', NO_LABELS, round(used / (this.stepMs * instance.host.cores)));
    const heap = (): Record<string, string> => ({ area: 'heap' });
    target.put(ts, MEMORY, 'heap', heap, Math.round(memoryOf(instance, now) * 1_048_576));
    target.put(ts, BUSY, '', NO_LABELS, instance.workers.busy);
    target.put(ts, QUEUE, '', NO_LABELS, instance.workers.waiting);
    target.put(ts, UPTIME, '', NO_LABELS, round((now - instance.startedAt) / 1000));
    for (const [db, pool] of instance.connections) {
      const labels = (): Record<string, string> => ({ pool: db });
      target.put(ts, ACTIVE, db, labels, pool.busy);
      target.put(ts, PENDING, db, labels, pool.waiting);
    }
    if (instance.service.language === 'java') {
      target.put(ts, PAUSE, '', NO_LABELS, round(instance.gcMs / 1000));
    }
    for (const [op, stats] of instance.stats) timed(ts, target, instance, op, stats);
  }

  private targetOf(instance: Instance): Target {
    let target = this.targets.get(instance);
    if (!target) {
      const { service, address, host } = instance;
      const labels = { job: service.name, instance: `${address}:8081`, host: host.name };
      this.targets.set(instance, (target = new Target(this.world.recorder, labels)));
    }
    return target;
  }
}

function timed(
  ts: bigint,
  target: Target,
  instance: Instance,
  op: string,
  stats: OperationStats,
): void {
  const { service } = instance;
  const name = instance.operations[op]?.name ?? op;
  const consumes = service.consumes?.op === op;
  const grpc = service.transport === 'grpc';
  const family = consumes ? LISTENER : grpc ? GRPC : HTTP;
  const labels = (): Record<string, string> => {
    if (consumes) return { queue: service.consumes.topic };
    if (grpc) return { method: name };
    const [method = '', uri = ''] = name.split(' ');
    return { method, uri };
  };
  for (const [status, count] of stats.byStatus) {
    const outcome = status < 400 ? 'SUCCESS' : status < 500 ? 'CLIENT_ERROR' : 'SERVER_ERROR';
    const own = () => ({ ...labels(), status: String(status), outcome });
    target.put(ts, family.count, `${op} ${status}`, own, count);
    const sum = stats.sumByStatus.get(status) ?? 0;
    target.put(ts, family.sum, `${op} ${status}`, own, round(sum));
  }
  target.put(ts, family.max, op, labels, round(stats.max));
  stats.max = 0;
}

const PERCENT = gauge('service_cpu_percent', 'Processor time of all instances, of one core each.');
const MEGABYTES = gauge('service_memory_megabytes', 'Memory of an instance, mean.');
const INSTANCES = gauge('service_instances_running', 'Instances that run.');

/** What an agent sums up for each service: gauges, nothing of instances. */
export class ServiceGauges {
  private readonly targets = new Map<Service, Target>();
  private readonly spent = new Map<Instance, number>();

  constructor(
    private readonly world: World,
    private readonly stepMs: number,
  ) {}

  scrape(ts: bigint, service: Service): void {
    const up = service.instances.filter((instance) => instance.up);
    let target = this.targets.get(service);
    if (!target) {
      target = new Target(this.world.recorder, { service: service.def.name });
      this.targets.set(service, target);
    }
    target.put(ts, INSTANCES, '', NO_LABELS, up.length);
    if (up.length === 0) return;
    let [used, memory] = [0, 0];
    for (const instance of up) {
      used += Math.max(0, instance.cpuMs - (this.spent.get(instance) ?? 0));
      this.spent.set(instance, instance.cpuMs);
      memory += memoryOf(instance, this.world.kernel.now);
    }
    target.put(ts, PERCENT, '', NO_LABELS, round((100 * used) / (this.stepMs * up.length)));
    target.put(ts, MEGABYTES, '', NO_LABELS, round(memory / up.length));
  }
}
