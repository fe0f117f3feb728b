import { podScraper, type PodScraper } from './pod-metrics';
import { NO_LABELS, Target, counter, gauge, round } from './series';
import type { Cache, Database, Host, Topic, World } from './world';

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
const RABBIT_READY = gauge('rabbitmq_queue_messages_ready', 'Messages ready to be delivered.');
const RABBIT_PUBLISHED = counter(
  'rabbitmq_queue_messages_published_total',
  'Messages published to the queue.',
);
const OFFSET = counter('kafka_topic_messages_in_total', 'Messages written to the topic.');

/** Reads the state of the world as exporters and scrapes would, on a common tick. */
export class Scraper {
  private readonly pods: PodScraper;
  private readonly others = new Map<string, Target>();
  private readonly spent = new Map<Host, { busy: number; user: number; idle: number }>();

  constructor(
    private readonly world: World,
    private readonly stepMs: number,
  ) {
    this.pods = podScraper(world, stepMs);
  }

  scrape(): void {
    const { world } = this;
    const ts = world.recorder.time(world.kernel.now);
    for (const service of world.services.values()) this.pods.scrape(ts, service);
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
    const { name, broker, system } = topic.def;
    const rabbit = system === 'rabbitmq';
    const target = this.other(`topic ${name}`, () => ({
      job: rabbit ? 'rabbitmq' : 'kafka-exporter',
      instance: rabbit ? `${broker}:15692` : `${broker}:9308`,
    }));
    if (rabbit) {
      target.put(ts, RABBIT_PUBLISHED, name, () => ({ queue: name }), topic.produced);
      for (const [group, { waiting }] of topic.groups) {
        const labels = (): Record<string, string> => ({ queue: `${name}.${group}` });
        target.put(ts, RABBIT_READY, `${group} ${name}`, labels, waiting.length);
      }
      return;
    }
    target.put(ts, OFFSET, name, () => ({ topic: name }), topic.produced);
    for (const [group, { waiting }] of topic.groups) {
      const labels = (): Record<string, string> => ({ consumergroup: group, topic: name });
      target.put(ts, LAG, `${group} ${name}`, labels, waiting.length);
    }
  }
}
