import type { CatalogGroup } from '../../core/connect';

/**
 * What metrics are for, in the order in which an investigation wants them: the RED method (Wilkie), the USE method
 * (Gregg), the golden signals (SRE book, ch. 6), and what Kubernetes says of its objects (kube-state-metrics).
 */
export const GROUPS: readonly CatalogGroup[] = [
  group('alerts', 'Alerts', 'What the rules found wrong, from when to when.'),
  group(
    'red',
    'Requests, errors, durations',
    'What callers of a service met: rate, errors and how long it took.',
  ),
  group(
    'saturation',
    'Saturation',
    'Work that waits: queues, pools, lag, throttling, pressure, what was dropped.',
  ),
  group(
    'use',
    'Utilisation',
    'CPU, memory, disk, network and connections of processes, containers and hosts.',
  ),
  group(
    'kubernetes',
    'Kubernetes state',
    'Restarts, phases, replicas, conditions and autoscaling.',
  ),
  group('targets', 'Targets', 'What could be scraped or reached, and when it could not.'),
  group('changes', 'Versions and starts', 'Builds, starts and reloads: what may have changed.'),
  {
    ...group('runtime', 'Runtime details', 'Garbage collection, threads, classes and the like.'),
    matters: false,
  },
  { ...group('other', 'Others', 'What its name does not tell.'), matters: false },
];

function group(id: string, title: string, why: string): CatalogGroup {
  return { id, title, why, matters: true };
}

/** By name, the first that fits: names of the OpenTelemetry and Prometheus conventions and of common exporters. */
const RULES: readonly (readonly [group: string, name: RegExp])[] = [
  ['alerts', /^ALERTS$/],
  [
    'changes',
    /(^|_)(build_info|version_info)$|process_start_time|config_last_reload|observed_generation|boot_time|_restarts?_timestamp/,
  ],
  [
    'kubernetes',
    /^kube_(pod_status_(phase|ready|reason|unschedulable)|pod_container_status_|pod_container_resource_(limits|requests)$|deployment_(status|spec)_replicas|statefulset_(status_)?replicas|daemonset_status_|replicaset_status_|job_(status_failed|failed)|node_(status_condition|spec_unschedulable)|hpa_|horizontalpodautoscaler_|persistentvolumeclaim_status|endpoint_address)/,
  ],
  ['other', /^kube_/],
  [
    'targets',
    /^(up|probe_success|probe_http_status_code|scrape_(duration_seconds|samples_scraped))$|_up$|_exporter_(last_)?scrape_error/,
  ],
  [
    'runtime',
    /^(go|promhttp|net_conntrack|python_gc|nodejs_(gc|version|heap_space)|dotnet|jvm_(gc|classes|buffer|threads_(states|daemon|peak))|hotspot|ruby_gc|process_(open|max)_fds|process_virtual|scrape)_?/,
  ],
  [
    'saturation',
    /queue|backlog|pending|in_?flight|waiting|lag(_|$)|throttl|pressure|saturat|rejected|dropped|evict|oom|overflow|exhaust|(^|_)pool_|hikaricp|threads_(active|busy|current|blocked)|_load(1|5|15)$|blocked|retries|circuit_?breaker|(^|_)lock(s|_wait)|deadlock/,
  ],
  [
    'red',
    /request|(^|_)(calls|errors?|failures?|failed|exceptions|timeouts?|latency|duration|response|responses|handled|handling|rpc|http|grpc|spanmetrics|served|completed)(_|$)|_rq_|(^|_)hits_|misses/,
  ],
  [
    'use',
    /cpu|memory|(^|_)mem_|_bytes$|_bytes_total$|disk|filesystem|network|_io_|iops|connections|sockets|heap|rss|fds|utili[sz]ation|usage|sessions/,
  ],
];

const PARTS = /_(bucket|sum|count|total|created)$/;

/** The group's id of a metric, by its name. */
export function groupOf(metric: string): string {
  return RULES.find(([, name]) => name.test(metric))?.[0] ?? 'other';
}

/** What belongs together: a histogram's or summary's parts have one name. */
export function familyName(metric: string): string {
  return metric.replace(PARTS, '');
}
