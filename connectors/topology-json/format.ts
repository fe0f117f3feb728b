import { FaultlineError } from '../../core/base';
import {
  asList,
  NoticeCounts,
  excerpt,
  isJsonObject,
  jsonDocument,
  jsonText,
  type FileFormat,
  type FormatItem,
  type Head,
} from '../../core/connect';
import { BatchBuilder, entityId, entityKindOf } from '../../core/model';

/** A stated graph: `{"nodes":[{"id","kind"}],"edges":[{"source","target","kind"}]}`. */
export const topologyJson: FileFormat = {
  id: 'topology-json',
  title: 'Topology (nodes and edges)',
  tables: ['stated_relations'],
  sniff,
  describe: () => ({
    signals: ['topology'],
    time: null,
    zone: 'UTC',
    clock: 'none',
    guessed: false,
  }),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const value = await jsonDocument(source, signal);
    if (!isJsonObject(value)) {
      throw new FaultlineError('format/damaged', `${source.name} is not a JSON object.`);
    }
    const reader = new Reader();
    for (const [i, node] of asList(value['nodes']).entries()) {
      const reason = reader.node(node);
      if (reason) yield dropped(`nodes[${i}]`, node, reason);
    }
    for (const [i, edge] of asList(value['edges']).entries()) {
      const reason = reader.edge(edge);
      if (reason) yield dropped(`edges[${i}]`, edge, reason);
    }
    if (reader.rows.rows > 0) yield { kind: 'batch', batch: reader.rows.take() };
    for (const notice of reader.notices.take()) yield { kind: 'notice', notice };
  },
};

class Reader {
  readonly rows = new BatchBuilder('stated_relations');
  readonly notices = new NoticeCounts();
  private readonly ids = new Map<string, string>();

  node(node: unknown): string {
    const id = isJsonObject(node) ? node['id'] : undefined;
    if (!isJsonObject(node) || typeof id !== 'string' || id === '') return 'the node has no id';
    if (this.ids.has(id)) return 'the node is listed twice';
    const kind = node['kind'];
    const known = entityId(typeof kind === 'string' ? entityKindOf(kind) : 'service', id);
    this.ids.set(id, known);
    this.row(known, '', '', null);
    return '';
  }

  edge(edge: unknown): string {
    if (!isJsonObject(edge)) return 'the edge is not an object';
    const { source, target, kind, calls } = edge;
    if (typeof source !== 'string' || source === '') return 'the edge has no source';
    if (typeof target !== 'string' || target === '') return 'the edge has no target';
    const word = typeof kind === 'string' && kind !== '' ? kind : 'calls';
    const counted = typeof calls === 'number' && Number.isSafeInteger(calls) ? BigInt(calls) : null;
    this.row(this.end(source), this.end(target), word, counted);
    return '';
  }

  private end(name: string): string {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    this.notices.add(
      'edge-without-node',
      'info',
      (n) => `${n} names stand in edges but not among the nodes; they are taken for services.`,
    );
    const id = entityId('service', name);
    this.ids.set(name, id);
    return id;
  }

  private row(source: string, target: string, kind: string, calls: bigint | null): void {
    const { col } = this.rows;
    col.source.push(source);
    col.target.push(target);
    col.kind.push(kind);
    col.calls.push(calls);
    this.rows.endRow();
  }
}

function dropped(where: string, value: unknown, reason: string): FormatItem {
  return {
    kind: 'dropped',
    record: { signal: 'topology', where, text: excerpt(jsonText(value)), reason },
  };
}

function sniff({ text }: Head): { confidence: number; why: string } {
  if (!/^\s*\{/.test(text)) return { confidence: 0, why: '' };
  const nodes = /"nodes"\s*:\s*\[\s*(\{[^}]*"id"\s*:|\])/.test(text);
  const edges = /"edges"\s*:\s*\[\s*(\{[^}]*"(source|target)"\s*:|\])/.test(text);
  if (nodes && edges) return { confidence: 0.95, why: 'One JSON object with "nodes" and "edges".' };
  if (nodes || edges)
    return { confidence: 0.7, why: 'A JSON object with a list of nodes or edges.' };
  return { confidence: 0, why: '' };
}
