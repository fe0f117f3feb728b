import { describe, expect, it } from 'vitest';
import { roleOf, withoutOwner } from './metric-roles';

describe('the name of a metric without that of its owner', () => {
  it('is what is left where a recorder put both into one', () => {
    expect(withoutOwner('queue_master_latency_90', 'service:queue-master')).toBe('latency_90');
    expect(withoutOwner('latency_queue-master', 'service:queue-master')).toBe('latency');
    expect(roleOf('queue_master_latency_90')).toBe('saturation');
    expect(roleOf(withoutOwner('queue_master_latency_90', 'service:queue-master'))).toBe('latency');
    expect(roleOf(withoutOwner('wait_order_service_workload', 'service:wait-order-service'))).toBe(
      'traffic',
    );
  });

  it('stays whole where it names nothing, or would lose itself', () => {
    expect(withoutOwner('http_requests_total', 'service:cart')).toBe('http_requests_total');
    expect(withoutOwner('cart', 'service:cart')).toBe('cart');
    expect(withoutOwner('carts_cpu', 'service:cart')).toBe('carts_cpu');
    expect(withoutOwner('cpu', '')).toBe('cpu');
  });
});
