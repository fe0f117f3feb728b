import { describe, expect, it } from 'vitest';
import { GROUPS, familyName, groupOf } from './groups';

/** Names as exporters and libraries write them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  red: [
    'http_requests_total',
    'http_server_request_duration_seconds_bucket',
    'grpc_server_handled_total',
    'traces_spanmetrics_calls_total',
    'istio_requests_total',
    'envoy_cluster_upstream_rq_xx',
    'orders_failed_total',
  ],
  saturation: [
    'queue_depth',
    'kafka_consumergroup_lag',
    'hikaricp_connections_pending',
    'container_cpu_cfs_throttled_periods_total',
    'node_pressure_memory_waiting_seconds_total',
    'node_load1',
    'http_server_active_requests_inflight',
  ],
  use: [
    'container_cpu_usage_seconds_total',
    'container_memory_working_set_bytes',
    'node_filesystem_avail_bytes',
    'process_resident_memory_bytes',
    'pg_stat_database_connections',
  ],
  kubernetes: [
    'kube_pod_status_phase',
    'kube_pod_container_status_restarts_total',
    'kube_deployment_status_replicas_unavailable',
    'kube_node_status_condition',
  ],
  targets: ['up', 'probe_success', 'redis_up', 'scrape_duration_seconds'],
  changes: ['prometheus_build_info', 'process_start_time_seconds'],
  runtime: ['go_gc_duration_seconds', 'jvm_gc_pause_seconds_count', 'jvm_classes_loaded'],
  other: ['kube_pod_labels', 'fahrenheit'],
  alerts: ['ALERTS'],
};

describe('groups of metrics', () => {
  it.each(Object.entries(NAMES))('%s', (group, names) => {
    expect(names.map((name) => [name, groupOf(name)])).toEqual(names.map((name) => [name, group]));
  });

  it('are all listed', () => {
    expect(Object.keys(NAMES).sort()).toEqual(GROUPS.map(({ id }) => id).sort());
  });

  it('keep the parts of a histogram together', () => {
    const parts = ['bucket', 'sum', 'count'].map((part) => familyName(`rpc_seconds_${part}`));
    expect(new Set(parts)).toEqual(new Set(['rpc_seconds']));
  });
});
