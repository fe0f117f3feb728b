import { describe, expect, it } from 'vitest';
import { serviceMetrics } from './service-metrics';

const pod = (name: string): string => `pod="${name}",container="cart"`;

const TEXT = `
container_cpu_usage_seconds_total{${pod('cart-1')}} 10 0
container_cpu_usage_seconds_total{${pod('cart-1')}} 15 10
container_cpu_usage_seconds_total{${pod('cart-2')}} 4 0
container_cpu_usage_seconds_total{${pod('cart-2')}} 1 10
http_server_requests_total{pod="cart-1",code="200"} 0 0
http_server_requests_total{pod="cart-1",code="200"} 80 10
http_server_requests_total{pod="cart-1",code="503"} 0 0
http_server_requests_total{pod="cart-1",code="503"} 20 10
http_server_request_duration_seconds_bucket{pod="cart-1",le="0.1"} 0 0
http_server_request_duration_seconds_bucket{pod="cart-1",le="0.1"} 50 10
http_server_request_duration_seconds_bucket{pod="cart-1",le="+Inf"} 0 0
http_server_request_duration_seconds_bucket{pod="cart-1",le="+Inf"} 100 10
mysql_global_status_threads_running{service="cart-db"} 3 10
node_load1{node="worker-1"} 3 10
`;

describe('rows of metrics by service', () => {
  const lines = serviceMetrics(TEXT).split('\n');

  it('adds up the instances of a service; a counter that fell began anew', () => {
    expect(lines).toContain('service_cpu_usage_cores{service="cart"} 0.6 10');
  });

  it('tells requests from failures, and reads latency off the buckets', () => {
    expect(lines).toContain('service_requests_per_second{service="cart"} 10 10');
    expect(lines).toContain('service_errors_per_second{service="cart"} 2 10');
    expect(lines).toContain('service_latency_p50_seconds{service="cart"} 0.1 10');
  });

  it('names services and stores, and no host', () => {
    expect(lines).toContain('service_connections{service="cart-db"} 3 10');
    expect(lines.join('\n')).not.toContain('worker-1');
  });
});
