import { formatRfc3339, type TimeWindow } from '../base';
import { parseEntityId, type Batch } from '../model';
import { defaultSystem } from './systems';
import type { Simulation } from './simulate';
import { i64, maps, recordAt, texts } from './columns';

type Resources = ReadonlyMap<bigint, Readonly<Record<string, string>>>;

/** One alert per line, as the alert sets of the benchmarks have them. */
export function alertLines({ rows, columns }: Batch): string {
  const ends = columns[3];
  const valid = ends && 'valid' in ends ? ends.valid : undefined;
  let text = '';
  for (let i = 0; i < rows; i++) {
    const open = valid !== undefined && valid[i] === 0;
    text += `${JSON.stringify({
      ts: formatRfc3339(i64(columns[2])[i]!),
      ends_at: open ? undefined : formatRfc3339(i64(ends)[i]!),
      fingerprint: texts(columns[0])[i],
      name: texts(columns[1])[i],
      severity: texts(columns[4])[i],
      labels: recordAt(maps(columns[6]), i),
      annotations: recordAt(maps(columns[7]), i),
    })}\n`;
  }
  return text;
}

/** One change per line: where it was made first, then what. */
export function changeLines({ rows, columns }: Batch, resources: Resources): string {
  let text = '';
  for (let i = 0; i < rows; i++) {
    const {
      'pods.added': added,
      'pods.removed': removed,
      ...labels
    } = recordAt(maps(columns[5]), i);
    const pods = added ? { added: parse(added), removed: parse(removed) } : undefined;
    text += `${JSON.stringify({
      ts: formatRfc3339(i64(columns[0])[i]!),
      kind: texts(columns[1])[i],
      title: texts(columns[2])[i],
      ...resources.get(i64(columns[4])[i]!),
      version: texts(columns[3])[i] || undefined,
      pods,
      labels,
    })}\n`;
  }
  return text;
}

function parse(json: string | undefined): unknown {
  return json === undefined ? [] : JSON.parse(json);
}

export function topologyText({ rows, columns }: Batch): string {
  const nodes: { id: string; kind: string }[] = [];
  const edges: { source: string; target: string; kind: string }[] = [];
  for (let i = 0; i < rows; i++) {
    const source = parseEntityId(texts(columns[0])[i]!);
    const target = texts(columns[1])[i]!;
    if (target === '') nodes.push({ id: source.name, kind: source.kind });
    else {
      const kind = texts(columns[2])[i]!;
      edges.push({ source: source.name, target: parseEntityId(target).name, kind });
    }
  }
  return `${JSON.stringify({ nodes, edges }, null, 1)}\n`;
}

function span(window: TimeWindow | undefined): { from: string; to: string } | null {
  return window ? { from: formatRfc3339(window.from), to: formatRfc3339(window.to) } : null;
}

/** What an investigator knows; a quiet run has no incident. */
export function caseText({ options, hints, truth }: Simulation): string {
  const { scenario, system, seed } = options;
  const value = {
    id: system === defaultSystem ? `${scenario}-${seed}` : `${system}-${scenario}-${seed}`,
    set: 'simulated',
    window: span(hints.window),
    baseline: span(hints.baseline),
    incident: truth.root_cause ? span(hints.incident) : null,
    symptom: hints.symptom ?? null,
    notes: `Simulated: ${system === defaultSystem ? '' : `system ${system}, `}scenario ${scenario}, seed ${seed}, size ${String(options.size)}. ${Math.round(options.sampling * 100)} % of the traces are kept; metrics count every request.`,
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}

export function truthText({ truth }: Simulation): string {
  const value = {
    root_cause: truth.root_cause ?? null,
    root_causes: truth.root_causes,
    injected_at: truth.root_cause ? formatRfc3339(truth.injected_at) : null,
    level: truth.level,
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}
