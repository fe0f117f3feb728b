import { memoryOf } from './lifecycle';
import {
  NO_LABELS,
  Target,
  counter,
  gauge,
  histogram,
  round,
  type HistogramMetric,
} from './series';
import { MicrometerPods, ServiceGauges } from './other-metrics';
import { BOUNDS, type Instance, type OperationStats, type Service, type World } from './world';

const HTTP = histogram('http_server_request_duration_seconds', 'Duration of HTTP server requests.');
const RPC = histogram('rpc_server_duration_seconds', 'Duration of inbound remote procedure calls.');
const PROCESS = histogram('messaging_process_duration_seconds', 'Duration of message processing.');
const HTTP_TOTAL = counter('http_server_requests_total', 'HTTP requests served.');
const RPC_TOTAL = counter('rpc_server_requests_total', 'Remote procedure calls served.');
const PROCESS_TOTAL = counter('messaging_processed_messages_total', 'Messages processed.');
const UP = gauge('up', 'Whether the target could be scraped.');
const CPU = counter('process_cpu_seconds_total', 'Processor time used.', 'seconds');
const BUSY = gauge('worker_pool_active', 'Workers that handle a request.');
const WAITING = gauge('worker_pool_queue_depth', 'Requests that wait for a worker.');
const REJECTED = counter(
  'worker_pool_rejected_total',
  'Requests refused because the queue was full.',
);
const CONNECTIONS = gauge('db_client_connections_in_use', 'Connections of the pool in use.');
const PENDING = gauge('db_client_connections_pending', 'Requests that wait for a connection.');
const GC_SUM = counter('jvm_gc_pause_seconds_sum', 'Time in collection pauses.', 'seconds');
const GC_COUNT = counter('jvm_gc_pause_seconds_count', 'Time in collection pauses.');
const POD_MEMORY = gauge('container_memory_working_set_bytes', 'Working set.', 'bytes');
const POD_CPU = counter('container_cpu_usage_seconds_total', 'Processor time used.', 'seconds');
const RESTARTS = counter('kube_pod_container_status_restarts_total', 'Restarts of the container.');
interface PodTargets {
  readonly app: Target;
  readonly kubelet: Target;
  readonly state: Target;
}

/** Reads what the instances of a service say of themselves. */
export interface PodScraper {
  scrape(ts: bigint, service: Service): void;
}

export function podScraper(world: World, stepMs: number): PodScraper {
  switch (world.def.telemetry.metrics) {
    case 'prometheus':
      return new PrometheusPods(world);
    case 'micrometer':
      return new MicrometerPods(world, stepMs);
    case 'gauges':
      return new ServiceGauges(world, stepMs);
  }
}

class PrometheusPods implements PodScraper {
  private readonly pods = new Map<Instance, PodTargets>();

  constructor(private readonly world: World) {}

  scrape(ts: bigint, service: Service): void {
    for (const instance of service.instances) this.scrapePod(ts, instance);
  }

  private targetsOf(instance: Instance): PodTargets {
    const known = this.pods.get(instance);
    if (known) return known;
    const { recorder, def } = this.world;
    const { service, pod, host } = instance;
    const container = { namespace: def.namespace, pod, container: service.name };
    const targets = {
      app: new Target(recorder, {
        job: service.job ?? service.name,
        instance: `${instance.address}:9464`,
        namespace: def.namespace,
        pod,
        node: host.name,
      }),
      kubelet: new Target(recorder, { job: 'kubelet', node: host.name, ...container }),
      state: new Target(recorder, { job: 'kube-state-metrics', ...container }),
    };
    this.pods.set(instance, targets);
    return targets;
  }

  private scrapePod(ts: bigint, instance: Instance): void {
    const { app, kubelet, state } = this.targetsOf(instance);
    const { now } = this.world.kernel;
    state.put(ts, RESTARTS, '', NO_LABELS, instance.restarts);
    app.put(ts, UP, '', NO_LABELS, instance.up ? 1 : 0);
    if (!instance.up) return;
    const bytes = Math.round(memoryOf(instance, now) * 1048576);
    kubelet.put(ts, POD_MEMORY, '', NO_LABELS, bytes);
    kubelet.put(ts, POD_CPU, '', NO_LABELS, round(instance.cpuMs / 1000));
    app.put(ts, CPU, '', NO_LABELS, round(instance.cpuMs / 1000));
    app.put(ts, BUSY, '', NO_LABELS, instance.workers.busy);
    app.put(ts, WAITING, '', NO_LABELS, instance.workers.waiting);
    app.put(ts, REJECTED, '', NO_LABELS, instance.rejected);
    for (const [db, pool] of instance.connections) {
      const labels = (): Record<string, string> => ({ pool: db });
      app.put(ts, CONNECTIONS, db, labels, pool.busy);
      app.put(ts, PENDING, db, labels, pool.waiting);
    }
    if (instance.service.language === 'java') {
      app.put(ts, GC_SUM, '', NO_LABELS, round(instance.gcMs / 1000));
      app.put(ts, GC_COUNT, '', NO_LABELS, instance.gcCount);
    }
    for (const [op, stats] of instance.stats) operation(ts, app, instance, op, stats);
  }
}

function operation(
  ts: bigint,
  target: Target,
  instance: Instance,
  op: string,
  stats: OperationStats,
): void {
  const { service } = instance;
  const { name } = instance.operations[op]!;
  const grpc = service.transport === 'grpc';
  const consumes = service.consumes?.op === op;
  const family: HistogramMetric = consumes ? PROCESS : grpc ? RPC : HTTP;
  const total = consumes ? PROCESS_TOTAL : grpc ? RPC_TOTAL : HTTP_TOTAL;
  const labels = (): Record<string, string> => {
    if (consumes) return { topic: service.consumes.topic };
    if (grpc) return { rpc_method: name };
    const [method = '', route = ''] = name.split(' ');
    return { method, route };
  };
  for (const [status, count] of stats.byStatus) {
    const code = String(status);
    target.put(ts, total, `${op} ${code}`, () => ({ ...labels(), code }), count);
  }
  let sum = 0;
  for (let i = 0; i <= BOUNDS.length; i++) {
    sum += stats.buckets[i]!;
    const le = boundText(i);
    target.put(ts, family.bucket, `${op} ${le}`, () => ({ ...labels(), le }), sum);
  }
  target.put(ts, family.sum, op, labels, round(stats.sum));
  target.put(ts, family.count, op, labels, stats.count);
}

/** As OpenMetrics writes a bound: 1.0, not 1. */
function boundText(i: number): string {
  const bound = BOUNDS[i];
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}
