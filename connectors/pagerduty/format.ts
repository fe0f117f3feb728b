import {
  Redactor,
  asText,
  RowSink,
  TimeReader,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonRecords,
  readPosted,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type PostedRecords,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import { Incident, nameOf } from './incident';

/**
 * PagerDuty: kept bodies of webhooks v3 (one object a line, or a list), and what the REST API answers for
 * incidents, log entries and notes. Source: developer.pagerduty.com/docs/webhooks-overview and its API reference.
 */
export const pagerduty: FileFormat = {
  id: 'pagerduty',
  title: 'PagerDuty incidents, log entries or webhooks',
  tables: ['resources', 'alerts', 'changes'],
  sniff,
  describe: () => ({
    signals: ['alerts', 'changes'],
    time: 'text',
    zone: 'stated',
    clock: 'PagerDuty',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    const records = jsonRecords(source, signal, {
      lists: ['', 'incidents', 'log_entries', 'notes'],
    });
    return readRecords(records, {
      sink: reader.sink,
      signal: 'alerts',
      add: ({ path, value }) => reader.record(path, value),
      end: () => reader.end(),
    });
  },
};

/** One or more events as they are posted. Throws 'format/damaged' where the body is no JSON. */
export function decodePagerdutyWebhook(body: Uint8Array): PostedRecords {
  const reader = new Reader(undefined);
  return readPosted(body, {
    sink: reader.sink,
    signal: 'alerts',
    add: (value) => reader.record(undefined, value),
    end: () => reader.end(),
  });
}

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly redactor = new Redactor(this.sink.notices);
  private readonly incidents = new Map<string, Incident>();

  constructor(choices: ReadChoices | undefined) {
    this.times = new TimeReader(this.sink.notices, choices);
  }

  record(path: string | undefined, value: JsonObject): string {
    if (path === 'log_entries') return this.logEntry(value);
    if (path === 'notes') return this.note(value, value['created_at']);
    const { event, incident } = value;
    if (isJsonObject(event)) return this.event(event);
    if (path === 'incidents') return this.incident(value);
    // GET /incidents/{id} answers { "incident": … }; lists of bare incidents or log entries are kept, too.
    if (isJsonObject(incident) && path === undefined) return this.incident(incident);
    return asText(value['type']).endsWith('_log_entry')
      ? this.logEntry(value)
      : this.incident(value);
  }

  end(): void {
    for (const incident of this.incidents.values()) {
      if (!incident.knowsStart) {
        this.sink.notices.add(
          'start-is-first-event',
          'warning',
          (n) =>
            `${n} incidents do not say when they were created; they begin with their first event here.`,
        );
      }
      this.sink.alert(incident.row());
    }
  }

  private event(event: JsonObject): string {
    const { event_type: type, data, occurred_at: occurred } = event;
    const kind = asText(type);
    if (!isJsonObject(data)) return 'the event has no data';
    if (!kind.startsWith('incident.')) {
      return kind === '' ? 'the event has no event_type' : `a "${kind}" event is about no incident`;
    }
    const ts = this.times.read(occurred);
    if (ts === undefined) return 'the event has no occurred_at';
    // Notes, responders and status updates have data of their own, which names its incident.
    if (kind === 'incident.annotated') return this.note(data, occurred);
    const about = isJsonObject(data['incident']) ? data['incident'] : data;
    const known = this.known(asText(about['id']));
    if (!known) return 'the event names no incident';
    if (known.records > 0) {
      this.sink.notices.add(
        'events-folded',
        'info',
        (n) =>
          `${n} events go on with an incident that is there already: they are one alert with it.`,
      );
    }
    known.event(kind, ts, about, this.times.read(about['created_at']), nameOf(event['agent']));
    return '';
  }

  private known(id: string): Incident | undefined {
    if (id === '') return undefined;
    let incident = this.incidents.get(id);
    if (!incident) this.incidents.set(id, (incident = new Incident(id)));
    return incident;
  }

  private incident(value: JsonObject): string {
    const created = this.times.read(value['created_at']);
    if (created === undefined) return 'the incident has no created_at';
    if (asText(value['title']) === '' && asText(value['summary']) === '') {
      return 'the incident has no title';
    }
    const incident = this.known(asText(value['id']));
    if (!incident) return 'the incident has no id';
    const end = this.times.read(value['resolved_at'] ?? value['last_status_change_at']);
    incident.state(value, created, asText(value['status']) === 'resolved' ? end : undefined);
    return '';
  }

  private logEntry(value: JsonObject): string {
    const ts = this.times.read(value['created_at']);
    const summary = asText(value['summary']);
    if (ts === undefined) return 'the log entry has no created_at';
    if (summary === '') return 'the log entry has no summary';
    const { incident, service, type, agent } = value;
    this.sink.change({
      ts,
      kind: 'note',
      title: this.redactor.text(summary),
      resource: placeOf(nameOf(service)),
      attributes: attributesOf({
        'pagerduty.log_entry.type': asText(type).replace(/_log_entry$/, ''),
        'pagerduty.log_entry.id': asText(value['id']),
        'pagerduty.incident.id': isJsonObject(incident) ? asText(incident['id']) : '',
        'pagerduty.incident.title': nameOf(incident),
        'pagerduty.agent': nameOf(agent),
      }),
    });
    return '';
  }

  /** A note that somebody wrote on an incident. */
  private note(value: JsonObject, time: unknown): string {
    const ts = this.times.read(time);
    const content = asText(value['content']);
    if (ts === undefined) return 'the note has no time';
    if (content === '') return 'the note is empty';
    const { incident, user } = value;
    this.sink.change({
      ts,
      kind: 'note',
      title: this.redactor.text(content),
      resource: {},
      attributes: attributesOf({
        'pagerduty.incident.id': isJsonObject(incident) ? asText(incident['id']) : '',
        'pagerduty.incident.title': nameOf(incident),
        'pagerduty.agent': nameOf(user),
      }),
    });
    return '';
  }
}

const placeOf = (service: string): Attributes => (service === '' ? {} : { service });

function attributesOf(given: Attributes): Attributes {
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''));
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const objects = isJsonObject(first) ? [first, ...headJsonLines(head)] : headJsonLines(head);
  for (const object of objects.slice(0, 5)) {
    if (isWebhook(object)) {
      return { confidence: 0.97, why: 'A webhook of PagerDuty: "event" with an "event_type".' };
    }
    const list: unknown = object['incidents'] ?? object['log_entries'];
    const item: unknown = Array.isArray(list) ? list[0] : (object['incident'] ?? object);
    if (isJsonObject(item) && isIncident(item)) {
      return { confidence: 0.95, why: "Incidents or log entries as PagerDuty's API answers them." };
    }
  }
  return NO;
}

function isWebhook({ event }: JsonObject): boolean {
  return (
    isJsonObject(event) &&
    /^[a-z_]+\.[a-z_.]+$/.test(asText(event['event_type'])) &&
    ('occurred_at' in event || 'resource_type' in event)
  );
}

function isIncident(item: JsonObject): boolean {
  const type = asText(item['type']);
  if (type.endsWith('_log_entry')) return true;
  return (
    'created_at' in item &&
    ['incident_number', 'incident_key', 'urgency', 'last_status_change_at'].filter(
      (key) => key in item,
    ).length >= 2
  );
}

const NO = { confidence: 0, why: '' };
