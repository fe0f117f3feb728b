import {
  asObject,
  RowSink,
  TimeReader,
  headJson,
  isJsonObject,
  jsonRecords,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import { changeOf } from './changes';
import { eventOf } from './event';

/**
 * Kubernetes events as `kubectl get events -o json` prints them (a List), and as `-w` does, with or without
 * --output-watch-events (objects one after the other): core/v1 and events.k8s.io/v1.
 */
export const k8sEvents: FileFormat = {
  id: 'k8s-events',
  title: 'Kubernetes events, JSON',
  tables: ['resources', 'logs', 'changes'],
  sniff,
  describe: () => ({
    signals: ['logs', 'changes'],
    time: 'text',
    zone: 'stated',
    clock: 'the component of Kubernetes that reports the event',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    // A dump may hold Secrets: nothing of what an object holds is shown.
    const records = jsonRecords(source, signal, { lists: ['items', ''], shown: titleOf });
    return readRecords(records, {
      sink: reader.sink,
      signal: 'logs',
      add: ({ value }, where) => reader.record(value, where),
    });
  },
};

/** What an object is, without what it holds. */
function titleOf(object: JsonObject): string {
  const { kind, metadata } = object;
  const { namespace, name } = asObject(metadata);
  return [kind, namespace, name].filter((part) => typeof part === 'string').join(' ');
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  record(value: JsonObject, where: string): string {
    const { type, object, items } = value;
    // `-w --output-watch-events` says what happened to the event.
    if (isJsonObject(object) && typeof type === 'string' && !('kind' in value)) {
      if (type === 'DELETED') return 'the event was only deleted (Kubernetes forgets it)';
      return this.object(object);
    }
    // Lists, one a line.
    if (Array.isArray(items)) {
      for (const [i, item] of (items as readonly unknown[]).entries()) {
        const reason = isJsonObject(item) ? this.object(item) : 'the item is not an object';
        const text = isJsonObject(item) ? titleOf(item) : '';
        if (reason !== '') this.sink.drop('logs', `${where}.items[${i}]`, text, reason);
      }
      return '';
    }
    return this.object(value);
  }

  private object(value: JsonObject): string {
    const { kind } = value;
    if (kind !== 'Event' && !(kind === undefined && 'reason' in value)) {
      return `it is ${typeof kind === 'string' ? `a ${kind}` : 'something else'}, not an event`;
    }
    const event = eventOf(value, this.times, this.sink.notices);
    if (typeof event === 'string') return event;
    const change = changeOf(event);
    if (change) this.sink.change(change);
    else {
      this.sink.log({
        ts: event.ts,
        severity: event.warning ? 13 : 9,
        severityText: event.warning ? 'Warning' : 'Normal',
        body: `${event.reason}: ${event.message}`,
        resource: event.resource,
        attributes: event.attributes,
      });
    }
    return '';
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const top: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(top)) return NO;
  const { items, object } = top;
  const candidates: readonly unknown[] = Array.isArray(items) ? items : [object, top];
  const isEvents = top['kind'] === 'EventList' || candidates.some(isEvent);
  return isEvents ? { confidence: 0.97, why: 'Objects of Kubernetes of kind "Event".' } : NO;
}

function isEvent(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ('involvedObject' in value || 'regarding' in value || value['kind'] === 'Event') &&
    ('reason' in value || 'message' in value || 'metadata' in value) &&
    isKubernetes(value)
  );
}

function isKubernetes({ apiVersion, metadata }: JsonObject): boolean {
  return (
    apiVersion === 'v1' ||
    (typeof apiVersion === 'string' && apiVersion.startsWith('events.k8s.io/')) ||
    isJsonObject(metadata)
  );
}

const NO = { confidence: 0, why: '' };
