import { Redactor, TimeReader, type ReadChoices, type RowSink } from '../../core/connect';
import type { Columns, Field } from './columns';

type Kind = 'change' | 'incident' | 'note';

const MAX_TEXT = 2000;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;

/** Rows of a table of tickets: incidents are alerts, changes are changes, the others are notes. */
export class Tickets {
  private readonly times: TimeReader;
  private readonly redactor: Redactor;

  constructor(
    private readonly sink: RowSink,
    private readonly columns: Columns,
    choices: ReadChoices | undefined,
  ) {
    this.times = new TimeReader(sink.notices, choices);
    this.redactor = new Redactor(sink.notices);
  }

  add(cells: readonly string[]): string {
    const id = this.text(cells, 'id');
    const title = this.text(cells, 'title');
    if (id === '') return 'the ticket has no number';
    if (title === '') return 'the ticket has no short description';
    const kind = kindOf(id, this.text(cells, 'type'));
    if (kind === 'incident') return this.incident(cells, id, title);
    const at = kind === 'change' ? this.changeTime(cells) : this.time(cells, 'created');
    if (at === undefined) return 'the ticket has no time that can be read';
    this.sink.change({
      ts: at,
      kind: kind === 'change' ? 'change' : 'note',
      title: `${id}: ${title}`,
      resource: this.resource(cells),
      attributes: this.attributes(cells, id),
    });
    return '';
  }

  private incident(cells: readonly string[], id: string, title: string): string {
    const startsAt = this.time(cells, 'created') ?? this.time(cells, 'started');
    if (startsAt === undefined) return 'the incident has no time that can be read';
    const end = this.time(cells, 'resolved') ?? this.time(cells, 'closed');
    if (end !== undefined && end < startsAt) {
      this.sink.notices.add(
        'end-before-start',
        'warning',
        (n) => `${n} incidents end before they start; they are kept without an end.`,
      );
    }
    const priority = this.text(cells, 'priority');
    this.sink.notices.add(
      'incidents-of-people',
      'info',
      (n) =>
        `${n} incidents begin when somebody opened them, which may be long after the trouble began.`,
    );
    this.sink.alert({
      fingerprint: id,
      name: title,
      startsAt,
      ...(end === undefined ? {} : { endsAt: end }),
      severity: priority,
      resource: this.resource(cells),
      labels: { alertname: title, ...this.attributes(cells, id) },
    });
    return '';
  }

  /** When it was made; else when it was planned, else when it was asked for. */
  private changeTime(cells: readonly string[]): bigint | undefined {
    const started = this.time(cells, 'started');
    if (started !== undefined) return started;
    const planned = this.time(cells, 'planned');
    if (planned !== undefined) {
      this.sink.notices.add(
        'start-is-planned',
        'warning',
        (n) => `${n} changes do not say when they were made; they stand at their planned start.`,
      );
      return planned;
    }
    const done = this.time(cells, 'resolved') ?? this.time(cells, 'closed');
    const made = done ?? this.time(cells, 'created');
    if (made === undefined) return undefined;
    this.sink.notices.add(
      'start-is-of-ticket',
      'warning',
      (n) =>
        `${n} changes have no start; they stand where their ticket was resolved, or opened where it was not.`,
    );
    return made;
  }

  private time(cells: readonly string[], field: Field): bigint | undefined {
    for (const at of this.columns.at[field] ?? []) {
      const ts = this.times.read(cells[at] ?? '');
      if (ts !== undefined) return ts;
    }
    return undefined;
  }

  /** All values of a field, without secrets and addresses of people. */
  private text(cells: readonly string[], field: Field): string {
    const values = (this.columns.at[field] ?? []).map((at) => (cells[at] ?? '').trim());
    const found = [...new Set(values.filter((value) => value !== ''))];
    const repeated = field === 'component' || field === 'labels' || field === 'service';
    const text = repeated ? found.join(', ') : (found[0] ?? '');
    return text === '' ? '' : this.withoutEmail(this.redactor.text(text)).slice(0, MAX_TEXT);
  }

  private withoutEmail(text: string): string {
    return text.includes('@')
      ? text.replace(EMAIL, () => {
          this.sink.notices.add(
            'emails-left-out',
            'info',
            (n) => `${n} e-mail addresses of people were left out.`,
          );
          return '';
        })
      : text;
  }

  private resource(cells: readonly string[]): Readonly<Record<string, string>> {
    const stated = this.text(cells, 'service');
    const item = this.text(cells, 'item') || this.text(cells, 'component');
    if (stated === '' && item !== '') {
      this.sink.notices.add(
        'service-of-item',
        'info',
        (n) =>
          `${n} tickets name a configuration item or a component, which was taken for their service.`,
      );
    }
    return present({
      service: stated || item,
      'deployment.environment.name': this.text(cells, 'environment').slice(0, 80),
    });
  }

  private attributes(cells: readonly string[], id: string): Readonly<Record<string, string>> {
    const of = (field: Field): string => this.text(cells, field);
    return present({
      'ticket.id': id,
      'ticket.tool': this.columns.tool,
      'ticket.type': of('type'),
      'ticket.status': of('status'),
      'ticket.priority': of('priority'),
      'ticket.resolution': of('resolution'),
      'ticket.assignee': of('assignee'),
      'ticket.group': of('group'),
      'ticket.project': of('project'),
      'ticket.item': of('item'),
      'ticket.labels': of('labels'),
      'ticket.description': of('description'),
    });
  }
}

/** By the type where the table has one, else by ServiceNow's prefixes. */
function kindOf(id: string, type: string): Kind {
  if (/^CHG\d/i.test(id)) return 'change';
  if (/^INC\d/i.test(id)) return 'incident';
  if (/\bchange\b/i.test(type)) return 'change';
  if (/\b(?:incident|outage)\b/i.test(type)) return 'incident';
  return 'note';
}

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
