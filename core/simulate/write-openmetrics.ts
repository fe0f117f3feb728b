import type { Batch } from '../model';
import { f64, i64, maps, recordAt, texts } from './columns';

interface Series {
  readonly metric: string;
  readonly kind: string;
  readonly unit: string;
  readonly help: string;
  readonly labels: string;
  ts: bigint[];
  values: number[];
}

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary';
  unit: string;
  help: string;
  readonly series: Series[];
}

/**
 * OpenMetrics text with time stamps, grouped by family and series. The format wants all samples of a
 * family together, so the samples are held until the end: 16 bytes each.
 */
export class OpenMetricsText {
  private readonly resources = new Map<bigint, Record<string, string>>();
  private readonly series = new Map<bigint, Series>();

  add(batch: Batch): void {
    const { rows, columns } = batch;
    if (batch.table === 'resources') {
      for (let i = 0; i < rows; i++) {
        this.resources.set(i64(columns[0])[i]!, recordAt(maps(columns[1]), i));
      }
    }
    if (batch.table === 'metric_series') this.addSeries(batch);
    if (batch.table === 'samples') {
      const ids = i64(columns[0]);
      const ts = i64(columns[1]);
      const values = f64(columns[2]);
      for (let i = 0; i < rows; i++) {
        const series = this.series.get(ids[i]!);
        series?.ts.push(ts[i]!);
        series?.values.push(values[i]!);
      }
    }
  }

  private addSeries({ rows, columns }: Batch): void {
    for (let i = 0; i < rows; i++) {
      const resource = this.resources.get(i64(columns[7])[i]!) ?? {};
      const labels = { ...resource, ...recordAt(maps(columns[8]), i) };
      this.series.set(i64(columns[0])[i]!, {
        metric: texts(columns[1])[i]!,
        kind: texts(columns[2])[i]!,
        unit: texts(columns[3])[i]!,
        help: texts(columns[4])[i]!,
        labels: labelText(labels),
        ts: [],
        values: [],
      });
    }
  }

  /** The text, a piece at a time, `# EOF` last. */
  *text(): Generator<string, void, void> {
    for (const family of this.families()) {
      let text = `# TYPE ${family.name} ${family.type}\n`;
      if (family.unit !== '' && family.name.endsWith(`_${family.unit}`)) {
        text += `# UNIT ${family.name} ${family.unit}\n`;
      }
      text += `# HELP ${family.name} ${escape(family.help)}\n`;
      for (const series of family.series) {
        const key = `${series.metric}${series.labels}`;
        for (let i = 0; i < series.ts.length; i++) {
          text += `${key} ${String(series.values[i])} ${seconds(series.ts[i]!)}\n`;
        }
        if (text.length > 60_000) {
          yield text;
          text = '';
        }
      }
      yield text;
    }
    yield '# EOF\n';
  }

  private families(): readonly Family[] {
    const all = [...this.series.values()];
    const histograms = new Set(
      all.filter((s) => s.kind === 'histogram').map((s) => s.metric.replace(/_bucket$/, '')),
    );
    const families = new Map<string, Family>();
    for (const series of all) {
      const [name, type] = familyOf(series, histograms);
      let family = families.get(name);
      if (!family) {
        family = { name, type, unit: series.unit, help: series.help, series: [] };
        families.set(name, family);
      }
      if (family.unit === '') family.unit = series.unit;
      family.series.push(series);
    }
    return [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function familyOf(
  { metric, kind }: Series,
  histograms: ReadonlySet<string>,
): [string, Family['type']] {
  if (kind === 'gauge') return [metric, 'gauge'];
  const bare = metric.replace(/_(bucket|sum|count|total)$/, '');
  if (kind === 'histogram' || histograms.has(bare)) return [bare, 'histogram'];
  return metric.endsWith('_total') ? [bare, 'counter'] : [bare, 'summary'];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return parts.length > 0 ? `{${parts.join(',')}}` : '';
}

function escape(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function seconds(ns: bigint): string {
  const whole = ns / 1_000_000_000n;
  const rest = ns % 1_000_000_000n;
  if (rest === 0n) return String(whole);
  return `${whole}.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
}
