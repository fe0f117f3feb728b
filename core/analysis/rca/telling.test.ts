import { expect, test } from 'vitest';
import { roleOf } from '../detect/metric-roles';
import type { MetricShift } from '../shifts';
import { tellingMetrics } from './telling';

const shift = (
  metric: string,
  z: number,
  base: number,
  incident: number,
  entityId = 'service:a',
): MetricShift => ({
  seriesId: 1n,
  metric,
  unit: '',
  entityId,
  source: null,
  destination: null,
  role: roleOf(metric),
  base,
  incident,
  z,
  n0: 30,
  n1: 5,
});

const names = (...shifts: MetricShift[]): string[] =>
  tellingMetrics(shifts, 'service:a').map(({ metric }) => metric);

test('a resource that ran out tells more than a larger shift of latency or of another resource', () => {
  expect(
    names(
      shift('request_latency_seconds', 12, 0.01, 4),
      shift('memory_usage_bytes', 6, 2e7, 9e7),
      shift('cpu_usage_ratio', 2.5, 0.2, 0.99),
    ),
  ).toEqual(['cpu_usage_ratio', 'memory_usage_bytes', 'request_latency_seconds']);
});

test('a busy resource that always was near its limit, and small shifts, are not put first', () => {
  expect(names(shift('cpu.utilization', 2.5, 0.85, 0.95), shift('errors_total', 4, 0, 9))).toEqual([
    'errors_total',
  ]);
});

test('percent and ratio are read alike; a share goes before the figure that moved with it', () => {
  expect(
    names(
      shift('cpu_cores', 14.001, 0.01, 0.2),
      shift('cpu_ratio', 14, 0.01, 0.2),
      shift('disk_used_percent', 5, 20, 97),
    ),
  ).toEqual(['disk_used_percent', 'cpu_ratio', 'cpu_cores']);
});

test('what it stands on comes after its own', () => {
  expect(
    names(shift('cpu_usage', 9, 1, 3, 'host:n'), shift('memory_usage', 4, 1, 3, 'service:a')),
  ).toEqual(['memory_usage', 'cpu_usage']);
});

test('a resource that fell is a symptom', () => {
  expect(names(shift('threads_running', -8, 90, 3), shift('queue_length', 4, 1, 30))).toEqual([
    'queue_length',
    'threads_running',
  ]);
});
