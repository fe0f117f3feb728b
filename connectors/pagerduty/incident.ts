import {
  asText,
  isJsonObject,
  redactText,
  type AlertRow,
  type JsonObject,
} from '../../core/connect';
import { formatRfc3339 } from '../../core/base';

/** What a reference calls its object. */
export function nameOf(reference: unknown): string {
  if (!isJsonObject(reference)) return '';
  return asText(reference['summary']) || asText(reference['name']) || asText(reference['title']);
}

/** One incident, of an answer or of the events about it in any order. */
export class Incident {
  records = 0;
  private data: JsonObject = {};
  private dataAt: bigint | undefined;
  private created: bigint | undefined;
  private earliest: bigint | undefined;
  private acknowledged: bigint | undefined;
  private ended: { readonly at: bigint; readonly isEnd: boolean } | undefined;
  private readonly agents: string[] = [];

  constructor(private readonly id: string) {}

  /** As it stood when the API was asked. */
  state(data: JsonObject, created: bigint, end: bigint | undefined): void {
    this.records++;
    this.data = data;
    this.created = created;
    if (end !== undefined) this.ended = { at: end, isEnd: true };
  }

  event(
    type: string,
    ts: bigint,
    data: JsonObject,
    created: bigint | undefined,
    agent: string,
  ): void {
    this.records++;
    if (this.dataAt === undefined || ts >= this.dataAt) {
      // Later events about responders and updates name the incident only by id and title.
      this.data = { ...this.data, ...data };
      this.dataAt = ts;
    } else this.data = { ...data, ...this.data };
    this.created ??= created;
    if (this.earliest === undefined || ts < this.earliest) this.earliest = ts;
    if (type === 'incident.acknowledged') {
      if (this.acknowledged === undefined || ts < this.acknowledged) this.acknowledged = ts;
      if (agent !== '' && !this.agents.includes(agent)) this.agents.push(agent);
    }
    const isEnd = type === 'incident.resolved';
    if ((isEnd || type === 'incident.reopened') && ts >= (this.ended?.at ?? ts)) {
      this.ended = { at: ts, isEnd };
    }
  }

  get knowsStart(): boolean {
    return this.created !== undefined;
  }

  row(): AlertRow {
    const { data, id } = this;
    const service = nameOf(data['service']);
    const labels = present({
      alertname: redactText(asText(data['title']) || asText(data['summary']) || `Incident ${id}`),
      service,
      urgency: asText(data['urgency']),
      priority: nameOf(data['priority']),
      status: asText(data['status']),
    });
    const assignees = data['assignments'] ?? data['assignees'];
    const people = (Array.isArray(assignees) ? (assignees as unknown[]) : []).map((one) =>
      isJsonObject(one) && 'assignee' in one ? nameOf(one['assignee']) : nameOf(one),
    );
    return {
      fingerprint: id,
      name: labels['alertname'] ?? '',
      startsAt: this.created ?? this.earliest ?? 0n,
      ...(this.ended?.isEnd ? { endsAt: this.ended.at } : {}),
      severity: labels['priority'] ?? labels['urgency'] ?? '',
      resource: service === '' ? {} : { service },
      labels,
      annotations: present({
        'pagerduty.incident.number': asText(data['incident_number'] ?? data['number']),
        'pagerduty.incident.key': asText(data['incident_key']),
        'pagerduty.url': asText(data['html_url']),
        'pagerduty.assignees': people.filter(Boolean).join(', '),
        'pagerduty.acknowledged_at':
          this.acknowledged === undefined ? '' : formatRfc3339(this.acknowledged),
        'pagerduty.acknowledged_by': this.agents.join(', '),
      }),
    };
  }
}

function present(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''));
}
