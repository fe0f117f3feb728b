/**
 * What a metrics-only recording of the simulator's system would hold: one row of golden signals and
 * resources for each service, database and cache, as gauges that are labelled with the service alone.
 */
export function serviceMetrics(openMetrics: string): string {
  const rows = new Rows();
  const podOf = new Map<string, string>();
  const series = seriesOf(openMetrics);
  for (const { labels } of series) {
    const { pod, container } = labels;
    if (pod !== undefined && container !== undefined) podOf.set(pod, container);
  }
  const latency = new Histograms();
  for (const { name, labels, times, values } of series) {
    const service = labels['service'] ?? podOf.get(labels['pod'] ?? '');
    if (service === undefined) continue;
    const bucket = name.endsWith('_duration_seconds_bucket')
      ? Number(labels['le'] ?? NaN)
      : undefined;
    if (bucket !== undefined) {
      const le = labels['le'] === '+Inf' ? Infinity : bucket;
      rates(times, values, (at, rate) => latency.add(service, at, le, rate));
      continue;
    }
    for (const { family, counts, of, which } of ROWS) {
      if (!of.test(name)) continue;
      // Without a failure there are no failures, rather than no figure.
      const share = which === undefined || which(labels) ? 1 : 0;
      if (counts) rates(times, values, (at, rate) => rows.add(family, service, at, share * rate));
      else times.forEach((at, i) => rows.add(family, service, at, share * (values[i] ?? 0)));
    }
  }
  latency.put(rows);
  return rows.text();
}

interface Row {
  readonly family: string;
  readonly counts: boolean;
  readonly of: RegExp;
  readonly which?: (labels: Labels) => boolean;
}

type Labels = Readonly<Record<string, string | undefined>>;

const ROWS: readonly Row[] = [
  { family: 'service_cpu_usage_cores', counts: true, of: /^container_cpu_usage_seconds_total$/ },
  { family: 'service_memory_usage_bytes', counts: false, of: /^container_memory_working_set_/ },
  {
    family: 'service_requests_per_second',
    counts: true,
    of: /_requests_total$|_xact_commit_total$|_queries_total$|_commands_processed_total$|_processed_messages_total$/,
  },
  {
    family: 'service_errors_per_second',
    counts: true,
    of: /_requests_total$|_processed_messages_total$/,
    which: ({ code = '200' }) => code.startsWith('5'),
  },
  {
    family: 'service_connections',
    counts: false,
    of: /^worker_pool_(active|queue_depth)$|^db_client_connections_(in_use|pending)$|_threads_running$|^pg_stat_activity_count$/,
    which: ({ state = 'active' }) => state === 'active',
  },
  {
    family: 'service_disk_read_per_second',
    counts: true,
    of: /_tup_returned_total$|_rows_read_total$/,
  },
];

interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
}

const LINE = /^([^{ ]+)(\{.*\})? (\S+) (\d+(?:\.\d+)?)$/;

function seriesOf(text: string): readonly Series[] {
  const all = new Map<string, Series>();
  for (const line of text.split('\n')) {
    const found = line.startsWith('#') ? null : LINE.exec(line);
    if (!found) continue;
    const [, name = '', labels = '', value = '', time = ''] = found;
    const key = name + labels;
    let series = all.get(key);
    if (!series) {
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, k = '', v = '']) => [k, v]);
      series = { name, labels: Object.fromEntries(pairs) as Labels, times: [], values: [] };
      all.set(key, series);
    }
    series.times.push(Number(time));
    series.values.push(Number(value));
  }
  return [...all.values()];
}

/** Per second between each two samples; a counter that fell began anew. */
function rates(
  times: readonly number[],
  values: readonly number[],
  put: (at: number, rate: number) => void,
): void {
  for (let i = 1; i < times.length; i++) {
    const [before = 0, now = 0] = [values[i - 1], values[i]];
    const seconds = (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (seconds > 0) put(times[i] ?? 0, (now < before ? now : now - before) / seconds);
  }
}

/** Sums by family, service and time. */
class Rows {
  private readonly families = new Map<string, Map<string, Map<number, number>>>();

  add(family: string, service: string, at: number, value: number): void {
    const services = this.families.get(family) ?? new Map<string, Map<number, number>>();
    const row = services.get(service) ?? new Map<number, number>();
    row.set(at, (row.get(at) ?? 0) + value);
    services.set(service, row);
    this.families.set(family, services);
  }

  text(): string {
    let text = '';
    for (const [family, services] of [...this.families].sort(([a], [b]) => (a < b ? -1 : 1))) {
      text += `# TYPE ${family} gauge\n`;
      for (const [service, row] of services) {
        for (const [at, value] of [...row].sort(([a], [b]) => a - b)) {
          text += `${family}{service="${service}"} ${Number(value.toPrecision(10))} ${at}\n`;
        }
      }
    }
    return `${text}# EOF\n`;
  }
}

/** Cumulative buckets of a service's requests, over its instances and operations. */
class Histograms {
  private readonly all = new Map<string, Map<number, Map<number, number>>>();

  add(service: string, at: number, le: number, rate: number): void {
    const times = this.all.get(service) ?? new Map<number, Map<number, number>>();
    const buckets = times.get(at) ?? new Map<number, number>();
    buckets.set(le, (buckets.get(le) ?? 0) + rate);
    times.set(at, buckets);
    this.all.set(service, times);
  }

  put(rows: Rows): void {
    for (const [service, times] of this.all) {
      for (const [at, buckets] of times) {
        const sorted = [...buckets].sort(([a], [b]) => a - b);
        for (const q of [0.5, 0.9]) {
          const value = quantileOf(sorted, q);
          if (value !== undefined)
            rows.add(`service_latency_p${100 * q}_seconds`, service, at, value);
        }
      }
    }
  }
}

/** As histogram_quantile reads it; undefined where nothing was served. */
function quantileOf(sorted: readonly (readonly [number, number])[], q: number): number | undefined {
  const all = sorted.at(-1)?.[1] ?? 0;
  if (!(all > 0)) return undefined;
  const wanted = q * all;
  let [lower, below] = [0, 0];
  for (const [le, count] of sorted) {
    if (count >= wanted) {
      if (le === Infinity) return lower;
      return lower + ((le - lower) * (wanted - below)) / Math.max(1e-12, count - below);
    }
    [lower, below] = [le, count];
  }
  return lower;
}
