import { memoryOf } from './lifecycle';
import { Target, NO_LABELS, counter, gauge, histogram, type HistogramMetric } from './series';
import {
  BOUNDS,
  type Cache,
  type Database,
  type Host,
  type Instance,
  type OperationStats,
  type Topic,
  type World,
} from './world';

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
const NODE_CPU = counter('node_cpu_seconds_total', 'Seconds per mode.', 'seconds');
const NODE_LOAD = gauge('node_load1', 'Load average over one minute.');
const NODE_RX = counter('node_network_receive_bytes_total', 'Bytes received.', 'bytes');
const NODE_TX = counter('node_network_transmit_bytes_total', 'Bytes sent.', 'bytes');
const NODE_RETRANS = counter('node_netstat_Tcp_RetransSegs_total', 'TCP segments sent again.');
const PG_UP = gauge('pg_up', 'Whether the database answers.');
const PG_ACTIVITY = gauge('pg_stat_activity_count', 'Connections by state.');
const PG_COMMITS = counter('pg_stat_database_xact_commit_total', 'Transactions committed.');
const PG_ROWS = counter('pg_stat_database_tup_returned_total', 'Rows read by scans.');
const MYSQL_UP = gauge('mysql_up', 'Whether the database answers.');
const MYSQL_RUNNING = gauge('mysql_global_status_threads_running', 'Threads that are not asleep.');
const MYSQL_QUERIES = counter('mysql_global_status_queries_total', 'Statements executed.');
const MYSQL_ROWS = counter('mysql_global_status_rows_read_total', 'Rows read.');
const REDIS_UP = gauge('redis_up', 'Whether the cache answers.');
const REDIS_HITS = counter('redis_keyspace_hits_total', 'Lookups that found their key.');
const REDIS_MISSES = counter('redis_keyspace_misses_total', 'Lookups that found nothing.');
const REDIS_COMMANDS = counter('redis_commands_processed_total', 'Commands processed.');
const LAG = gauge('kafka_consumergroup_lag', 'Messages that a group has not taken yet.');
const OFFSET = counter('kafka_topic_messages_in_total', 'Messages written to the topic.');

interface PodTargets {
  readonly app: Target;
  readonly kubelet: Target;
  readonly state: Target;
}

/** Reads the state of the world as exporters and scrapes would, on a common tick. */
export class Scraper {
  private readonly pods = new Map<Instance, PodTargets>();
  private readonly others = new Map<string, Target>();
  private readonly spent = new Map<Host, { busy: number; user: number; idle: number }>();

  constructor(
    private readonly world: World,
    private readonly stepMs: number,
  ) {}

  scrape(): void {
    const { world } = this;
    const ts = world.recorder.time(world.kernel.now);
    for (const service of world.services.values()) {
      for (const instance of service.instances) this.scrapePod(ts, instance);
    }
    for (const host of this.allHosts()) this.scrapeHost(ts, host);
    for (const database of world.databases.values()) this.scrapeDatabase(ts, database);
    for (const cache of world.caches.values()) this.scrapeCache(ts, cache);
    for (const topic of world.topics.values()) this.scrapeTopic(ts, topic);
  }

  private allHosts(): readonly Host[] {
    const { hosts, databases, caches } = this.world;
    return [
      ...hosts,
      ...[...databases.values()].map((d) => d.host),
      ...[...caches.values()].map((c) => c.host),
    ];
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

  private other(key: string, labels: () => Record<string, string>): Target {
    let target = this.others.get(key);
    if (!target) this.others.set(key, (target = new Target(this.world.recorder, labels())));
    return target;
  }

  private scrapeHost(ts: bigint, host: Host): void {
    const target = this.other(`host ${host.name}`, () => ({
      job: 'node-exporter',
      instance: `${host.address}:9100`,
      node: host.name,
    }));
    const spent = this.spent.get(host) ?? { busy: host.busyMs, user: 0, idle: 0 };
    // What presses on the processors from outside the system counts as used time as well.
    const room = this.stepMs * host.cores;
    const own = host.busyMs - spent.busy + room * 0.02;
    const user = Math.min(room, own + Math.min(room, host.stress * this.stepMs));
    spent.busy = host.busyMs;
    spent.user += user;
    spent.idle += room - user;
    this.spent.set(host, spent);
    target.put(ts, NODE_CPU, 'idle', () => ({ mode: 'idle' }), round(spent.idle / 1000));
    target.put(ts, NODE_CPU, 'user', () => ({ mode: 'user' }), round(spent.user / 1000));
    target.put(
      ts,
      NODE_LOAD,
      '',
      NO_LABELS,
      round(host.running + host.stress + user / this.stepMs),
    );
    target.put(ts, NODE_RX, '', NO_LABELS, host.receivedBytes);
    target.put(ts, NODE_TX, '', NO_LABELS, host.sentBytes);
    target.put(ts, NODE_RETRANS, '', NO_LABELS, host.retransmits);
  }

  private scrapeDatabase(ts: bigint, database: Database): void {
    const { name, system, namespace } = database.def;
    const postgres = system === 'postgresql';
    const target = this.other(`db ${name}`, () => ({
      job: postgres ? 'postgres-exporter' : 'mysqld-exporter',
      instance: postgres ? `${name}:9187` : `${name}:9104`,
      service: name,
    }));
    const labels = (): Record<string, string> => ({ datname: namespace });
    if (!postgres) {
      target.put(ts, MYSQL_UP, '', NO_LABELS, database.up ? 1 : 0);
      target.put(ts, MYSQL_RUNNING, '', NO_LABELS, database.active + 1);
      target.put(ts, MYSQL_QUERIES, '', NO_LABELS, database.commits);
      target.put(ts, MYSQL_ROWS, '', NO_LABELS, database.rowsRead);
      return;
    }
    target.put(ts, PG_UP, '', NO_LABELS, database.up ? 1 : 0);
    const state = (value: string) => (): Record<string, string> => ({ ...labels(), state: value });
    target.put(ts, PG_ACTIVITY, 'active', state('active'), database.active);
    const idle = Math.max(0, this.connectionsTo(name) - database.active);
    target.put(ts, PG_ACTIVITY, 'idle', state('idle'), idle);
    target.put(ts, PG_COMMITS, '', labels, database.commits);
    target.put(ts, PG_ROWS, '', labels, database.rowsRead);
  }

  private connectionsTo(db: string): number {
    let sum = 0;
    for (const service of this.world.services.values()) {
      for (const instance of service.instances) {
        if (instance.connections.has(db)) sum += instance.service.connections;
      }
    }
    return sum;
  }

  private scrapeCache(ts: bigint, cache: Cache): void {
    const { name } = cache.def;
    const target = this.other(`cache ${name}`, () => ({
      job: 'redis-exporter',
      instance: `${name}:9121`,
      service: name,
    }));
    target.put(ts, REDIS_UP, '', NO_LABELS, cache.up ? 1 : 0);
    if (!cache.up) return;
    target.put(ts, REDIS_HITS, '', NO_LABELS, cache.hits);
    target.put(ts, REDIS_MISSES, '', NO_LABELS, cache.misses);
    target.put(ts, REDIS_COMMANDS, '', NO_LABELS, cache.commands);
  }

  private scrapeTopic(ts: bigint, topic: Topic): void {
    const { name, broker } = topic.def;
    const target = this.other(`topic ${name}`, () => ({
      job: 'kafka-exporter',
      instance: `${broker}:9308`,
    }));
    target.put(ts, OFFSET, name, () => ({ topic: name }), topic.produced);
    for (const [group, { waiting }] of topic.groups) {
      const labels = (): Record<string, string> => ({ consumergroup: group, topic: name });
      target.put(ts, LAG, `${group} ${name}`, labels, waiting.length);
    }
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

function round(value: number): number {
  return Number(value.toPrecision(10));
}
