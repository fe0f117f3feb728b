import {
  asObject,
  Redactor,
  TimeReader,
  isJsonObject,
  jsonText,
  type ChangeRow,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';

const SENSITIVE = '(sensitive)';
const UNKNOWN = '(known after apply)';
const MAX_VALUE = 300;
const MAX_VALUES = 20;

interface Waiting {
  readonly row: Omit<ChangeRow, 'ts'>;
  readonly where: string;
  readonly address: string;
  readonly document: number;
}

/** Changes of resources wait for the plan's time, which stands at its end. */
export class PlanRows {
  private readonly times: TimeReader;
  private readonly redactor: Redactor;
  private waiting: Waiting[] = [];

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices | undefined,
  ) {
    this.times = new TimeReader(sink.notices, choices);
    this.redactor = new Redactor(sink.notices);
  }

  add(value: JsonObject, document: number, where: string): string {
    const { address, change } = value;
    if (typeof address !== 'string' || address === '') return 'the change names no resource';
    const actions: unknown = isJsonObject(change) ? change['actions'] : undefined;
    if (!isJsonObject(change) || !Array.isArray(actions) || actions.length === 0) {
      return 'the change has no actions';
    }
    const action = actionOf(actions.filter((one) => typeof one === 'string'));
    if (action === 'no-op' || action === 'read') {
      this.sink.notices.add(
        'resources-unchanged',
        'info',
        (n) => `${n} resources of the plan stay as they are or are only read; they were left out.`,
      );
      return '';
    }
    this.waiting.push({ row: this.row(value, address, action, change), where, address, document });
    return '';
  }

  /** The plan is over. Its time is when it was made. */
  ends(document: number, timestamp: unknown): void {
    const ts = this.times.read(timestamp);
    const own = this.waiting.filter((one) => one.document === document);
    this.waiting = this.waiting.filter((one) => one.document !== document);
    for (const { row, where, address } of own) this.emit(row, where, address, ts);
  }

  /** A plan that was cut has no time. */
  end(): void {
    for (const { row, where, address } of this.waiting.splice(0)) {
      this.emit(row, where, address, undefined);
    }
  }

  private emit(
    row: Omit<ChangeRow, 'ts'>,
    where: string,
    address: string,
    ts: bigint | undefined,
  ): void {
    if (ts === undefined) {
      const reason = 'the plan has no time (timestamp); terraform writes it since 1.5';
      this.sink.drop('changes', where, address, reason);
      return;
    }
    this.sink.notices.add(
      'planned-only',
      'warning',
      (n) =>
        `${n} changes were planned at the time they stand at; the file does not say whether and when they were made.`,
    );
    this.sink.change({ ...row, ts });
  }

  private row(
    value: JsonObject,
    address: string,
    action: string,
    change: JsonObject,
  ): Omit<ChangeRow, 'ts'> {
    const attributes: Record<string, string> = {
      'terraform.address': address,
      'terraform.action': action,
      'terraform.state': 'planned',
    };
    for (const [key, name] of [
      ['type', 'terraform.type'],
      ['provider_name', 'terraform.provider'],
      ['action_reason', 'terraform.reason'],
    ] as const) {
      const text = value[key];
      if (typeof text === 'string') attributes[name] = text;
    }
    const changed = this.changed(change);
    for (const [key, text] of changed.slice(0, MAX_VALUES)) attributes[`change.${key}`] = text;
    if (changed.length > MAX_VALUES)
      attributes['change.more'] = String(changed.length - MAX_VALUES);
    return { kind: 'config', title: `terraform: ${action} ${address}`, resource: {}, attributes };
  }

  /** What an update or replacement changes, as `before → after`. What is made or removed as a whole has no list. */
  private changed(change: JsonObject): readonly (readonly [string, string])[] {
    const { before, after } = change;
    if (!isJsonObject(before) || !isJsonObject(after)) return [];
    const unknown = change['after_unknown'];
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key): (readonly [string, string])[] => {
      const isUnknown = isJsonObject(unknown) && unknown[key] === true;
      if (!isUnknown && jsonText(before[key]) === jsonText(after[key])) return [];
      const from = this.shown(key, before[key], change['before_sensitive']);
      const to = isUnknown ? UNKNOWN : this.shown(key, after[key], change['after_sensitive']);
      return [[key, `${from} → ${to}`]];
    });
  }

  /** A value without what terraform or its name says is sensitive. */
  private shown(key: string, value: unknown, sensitive: unknown): string {
    if (value === undefined || value === null) return '(none)';
    const mark = sensitive === true || (isJsonObject(sensitive) ? sensitive[key] : undefined);
    const text = jsonText(this.redactor.value(masked(value, mark), key));
    return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
  }
}

/** The value with `(sensitive)` wherever the mask, which has its shape, is true. */
function masked(value: unknown, mask: unknown): unknown {
  if (mask === true) return SENSITIVE;
  if (Array.isArray(value)) {
    const marks: readonly unknown[] = Array.isArray(mask) ? mask : [];
    return value.map((item: unknown, i) => masked(item, marks[i]));
  }
  if (!isJsonObject(value)) return value;
  const marks = asObject(mask);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, masked(item, marks[key])]),
  );
}

/** Terraform's two ways to replace have one name. */
function actionOf(actions: readonly string[]): string {
  return actions.includes('create') && actions.includes('delete') ? 'replace' : actions.join(', ');
}
