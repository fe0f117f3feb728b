import { hash64 } from '../base';
import { BatchBuilder, type Batch } from './batch';

/** The kinds of thing that a case is about. Icons, layers and roll-up follow from the kind. */
export const ENTITY_KINDS = [
  'service',
  'service_instance',
  'host',
  'container',
  'database',
  'cache',
  'queue',
  'external',
  'client',
  'unknown',
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

export interface Entity {
  /** `kind:name`, see entityId. */
  readonly id: string;
  readonly kind: EntityKind;
  readonly name: string;
}

export function entityId(kind: EntityKind, name: string): string {
  return `${kind}:${name}`;
}

export function parseEntityId(id: string): Entity {
  const at = id.indexOf(':');
  const kind = ENTITY_KINDS.find((k) => k === id.slice(0, at)) ?? 'unknown';
  return { id, kind, name: at < 0 ? id : id.slice(at + 1) };
}

/** Maps a foreign word for a kind ("pod", "AWS::DynamoDB", "mysql") to ours. */
export function entityKindOf(word: string): EntityKind {
  const w = word.toLowerCase();
  const exact = ENTITY_KINDS.find((k) => k === w);
  if (exact) return exact;
  // What runs a team's code is a service, whoever hosts it.
  if (/aws::(ecs|eks|lambda|elasticbeanstalk|stepfunctions)|function|statemachine/.test(w)) {
    return 'service';
  }
  if (/instance|pod\b|replica/.test(w)) return 'service_instance';
  if (/host|node\b|\bmachine|vm\b|ec2/.test(w)) return 'host';
  if (/container/.test(w)) return 'container';
  if (/cache|redis|memcache/.test(w)) return 'cache';
  if (/database|\bdb\b|sql|mongo|dynamo|postgres|oracle|cassandra|rds/.test(w)) return 'database';
  if (/queue|kafka|topic|sqs|sns|rabbit|broker|nats|pulsar/.test(w)) return 'queue';
  if (/client|user|browser/.test(w)) return 'client';
  if (/remote|external|aws::/.test(w)) return 'external';
  return 'service';
}

export type Attributes = Readonly<Record<string, string>>;

/** The content id of a set of resource attributes: equal attributes have equal ids in every source. */
export function resourceId(attributes: Attributes): bigint {
  const keys = Object.keys(attributes).sort();
  return hash64(keys.map((k) => `${k}\u0001${attributes[k] ?? ''}`).join('\u0002'));
}

/** The content id of a metric series: its name, resource and labels. */
export function seriesId(metric: string, resource: bigint, labels: Attributes): bigint {
  const keys = Object.keys(labels).sort();
  const text = keys.map((k) => `${k}\u0001${labels[k] ?? ''}`).join('\u0002');
  return hash64(`${metric}\u0003${String(resource)}\u0003${text}`);
}

/**
 * Interns resource attributes while reading: the first sight of a resource becomes a row of the
 * `resources` table. Take the batch before the rows that name it, or in the same commit.
 */
export class ResourceInterner {
  private readonly seen = new Map<string, bigint>();
  private readonly builder = new BatchBuilder('resources');

  intern(attributes: Attributes): bigint {
    const key = JSON.stringify(attributes);
    const known = this.seen.get(key);
    if (known !== undefined) return known;
    const id = resourceId(attributes);
    this.seen.set(key, id);
    this.builder.col.resource_id.push(id);
    this.builder.col.attributes.push(attributes);
    this.builder.endRow();
    return id;
  }

  /** New resources since the last call; undefined where there is none. */
  take(): Batch<'resources'> | undefined {
    return this.builder.rows > 0 ? this.builder.take() : undefined;
  }
}
