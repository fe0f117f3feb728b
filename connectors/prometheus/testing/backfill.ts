/** A recorded incident as OpenMetrics text, and its samples as a list to compare with. */
export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ms: number;
  readonly value: number;
}

export const START_MS = 1_750_000_000_000;
const INTERVAL_MS = 15_000;
const MINUTE = 60_000;
const LENGTH_MS = 60 * MINUTE;
export const SERVICES = ['cart', 'checkout', 'frontend', 'payment'];
export const BOUNDS = [0.05, 0.1, 0.5, 1];

interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

/**
 * Four services for an hour, a scrape each 15 s at an odd millisecond: a counter that is reset, a gauge with
 * NaN and Inf and a gap of ten minutes, a classic histogram, recorded rates of one, an alert that fires
 * twice, and a Prometheus that scrapes itself.
 */
export function families(): readonly Family[] {
  const requests: Sample[] = [];
  const depth: Sample[] = [];
  const duration: Sample[] = [];
  const rates: Sample[] = [];
  const goroutines: Sample[] = [];
  const build: Sample[] = [];
  const alerts: Sample[] = [];
  const since: Sample[] = [];
  for (let i = 0; i * INTERVAL_MS < LENGTH_MS; i++) {
    const ms = START_MS + i * INTERVAL_MS + 123;
    const minute = (i * INTERVAL_MS) / MINUTE;
    for (const [s, service] of SERVICES.entries()) {
      const where = { job: service, instance: `${service}-0:8080`, namespace: 'shop' };
      const put = (
        to: Sample[],
        metric: string,
        value: number,
        labels: Readonly<Record<string, string>> = {},
      ): void => void to.push({ metric, labels: { ...where, ...labels }, ms, value });
      const reset = i > 150 ? 150 : 0;
      put(requests, 'http_requests_total', (i - reset) * (30 + s), { code: '200' });
      put(requests, 'http_requests_total', (i - reset) * s, { code: '500' });
      if (minute < 20 || minute >= 30) {
        const odd = i === 3 ? Number.NaN : i === 4 ? Number.POSITIVE_INFINITY : 10 + ((i * 7) % 13);
        put(depth, 'queue_depth', odd, { path: 'a"b\\c\nd' });
      }
      let cumulative = 0;
      for (const [b, bound] of [...BOUNDS, Number.POSITIVE_INFINITY].entries()) {
        cumulative += i * (b + 1 + s);
        const le = Number.isFinite(bound) ? String(bound) : '+Inf';
        put(duration, 'request_duration_seconds_bucket', cumulative, { le });
        put(rates, 'recorded_rate_bucket', cumulative / 7 + 0.5, { le });
      }
      put(duration, 'request_duration_seconds_count', cumulative);
      put(duration, 'request_duration_seconds_sum', cumulative * 0.25);
      put(goroutines, 'go_goroutines', 100 + i);
    }
    const self = { job: 'prometheus', instance: 'localhost:9090' };
    goroutines.push({ metric: 'go_goroutines', labels: self, ms, value: 40 });
    build.push({
      metric: 'prometheus_build_info',
      labels: { ...self, version: '2.42.0' },
      ms,
      value: 1,
    });
    // Firing from minute 8 (before the second window) to 13, and from 16 to the end.
    if ((minute >= 8 && minute < 13) || minute >= 16) {
      const labels = { alertname: 'HighLatency', service: 'cart', severity: 'page' };
      alerts.push({ metric: 'ALERTS', labels: { ...labels, alertstate: 'firing' }, ms, value: 1 });
      const active = (START_MS + (minute < 13 ? 7 : 15) * MINUTE) / 1000;
      since.push({ metric: 'ALERTS_FOR_STATE', labels, ms, value: active });
    }
  }
  return [
    { name: 'ALERTS', type: 'unknown', samples: alerts },
    { name: 'ALERTS_FOR_STATE', type: 'unknown', samples: since },
    { name: 'go_goroutines', type: 'gauge', samples: goroutines },
    { name: 'http_requests', type: 'counter', samples: requests },
    { name: 'prometheus_build_info', type: 'gauge', samples: build },
    { name: 'queue_depth', type: 'gauge', samples: depth },
    { name: 'recorded_rate_bucket', type: 'unknown', samples: rates },
    { name: 'request_duration_seconds', type: 'unknown', samples: duration },
  ];
}

export function openMetricsText(list: readonly Family[]): string {
  const lines: string[] = [];
  for (const { name, type, samples } of list) {
    // promtool wants the parts of a histogram that it knows by type; untyped series keep any name.
    if (type !== 'unknown') lines.push(`# TYPE ${name} ${type}`);
    for (const { metric, labels, ms, value } of samples) {
      const inside = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
      lines.push(`${metric}{${inside.join(',')}} ${number(value)} ${(ms / 1000).toFixed(3)}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/** The samples as VictoriaMetrics' import takes them: Prometheus' text with times in milliseconds. */
export function prometheusText(samples: readonly Sample[]): string {
  const lines = samples.map(({ metric, labels, ms, value }) => {
    const inside = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${metric}{${inside.join(',')}} ${number(value)} ${ms}`;
  });
  return `${lines.join('\n')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : '+Inf';
}
