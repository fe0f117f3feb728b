import { parseRfc3339 } from '../../core/base';
import {
  isJsonObject,
  jsonAttributes,
  jsonText,
  readJsonTable,
  type FileFormat,
  type Head,
  type JsonObject,
} from '../../core/connect';
import type { BatchBuilder, ResourceInterner } from '../../core/model';

/** Fields that name where a change was made; they become the resource. */
const PLACES = ['entity', 'service', 'pod', 'node', 'host', 'namespace', 'instance'] as const;

/** One change per line: `ts`, `kind`, `service`, `version`, `pods` (`added`, `removed`), `labels`. */
export const changesJsonl: FileFormat = {
  id: 'changes-jsonl',
  title: 'Changes, JSON lines',
  tables: ['resources', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes'],
    time: 'text',
    zone: 'stated',
    clock: 'the system that made the change',
    guessed: false,
  }),
  read: (source, signal) =>
    readJsonTable(source, signal, { table: 'changes', signal: 'changes', add }),
};

function add(
  value: JsonObject,
  rows: BatchBuilder<'changes'>,
  resources: ResourceInterner,
): string {
  const ts = typeof value['ts'] === 'string' ? parseRfc3339(value['ts']) : undefined;
  if (ts === undefined) return 'the change has no time (ts, RFC 3339)';
  const { ts: _, kind, title, version, labels, pods, ...others } = value;
  const rest: Record<string, unknown> = { ...others };
  const resource: Record<string, string> = {};
  for (const key of PLACES) {
    const place = rest[key] ?? (isJsonObject(labels) ? labels[key] : undefined);
    if (typeof place === 'string' && place !== '') resource[key] = place;
    delete rest[key];
  }
  const what = typeof kind === 'string' && kind !== '' ? kind : 'change';
  const release = version === undefined || version === null ? '' : jsonText(version);
  const where = resource['service'] ?? resource['entity'];
  const { col } = rows;
  col.ts.push(ts);
  col.kind.push(what);
  col.title.push(
    typeof title === 'string' && title !== ''
      ? title
      : [what, where && `of ${where}`, release].filter(Boolean).join(' '),
  );
  col.version.push(release);
  col.resource_id.push(resources.intern(resource));
  col.attributes.push({
    ...jsonAttributes(labels),
    ...jsonAttributes(pods, 'pods.'),
    ...jsonAttributes(rest),
  });
  rows.endRow();
  return '';
}

function sniff({ text }: Head): { confidence: number; why: string } {
  const first = text.trimStart().split('\n', 1)[0] ?? '';
  if (!/^\{.*"ts"\s*:\s*"/.test(first) || /"(fingerprint|fault_id)"\s*:/.test(first)) {
    return { confidence: 0, why: '' };
  }
  if (!/"kind"\s*:\s*"/.test(first)) return { confidence: 0, why: '' };
  if (!/"(service|version|title|entity|pods)"\s*:/.test(first)) return { confidence: 0, why: '' };
  return { confidence: 0.9, why: 'JSON lines with "ts", "kind" and what was changed.' };
}
