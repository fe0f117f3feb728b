import {
  Redactor,
  RowSink,
  TimeReader,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonAttributes,
  jsonRecords,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import type { Attributes } from '../../core/model';
import {
  changeKindOf,
  changesConfiguration,
  eventIn,
  placeOf,
  principalOf,
  readOnlyOf,
  readsByName,
  targetOf,
  textIn,
  versionOf,
} from './event';

/**
 * AWS CloudTrail: files of a trail (`{"Records": […]}`), events as JSON lines (CloudTrail Lake, EventBridge) and
 * what `aws cloudtrail lookup-events` prints. An event is one row: what changed the configuration is a change,
 * everything else (reads, failures, sign-ins, calls of a data plane) is a log.
 */
export const cloudtrail: FileFormat = {
  id: 'cloudtrail',
  title: 'AWS CloudTrail (changes; reads and failures as logs)',
  tables: ['resources', 'logs', 'changes'],
  sniff,
  describe: () => ({
    signals: ['changes', 'logs'],
    time: 'text',
    zone: 'UTC',
    clock: 'the AWS service that was called',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    return readRecords(jsonRecords(source, signal, { lists: ['Records', 'Events', ''] }), {
      sink: reader.sink,
      signal: 'changes',
      add: ({ value }) => reader.add(value),
    });
  },
};

/** What stands in columns, or says the same again. */
const TAKEN = new Set(
  (
    'eventTime eventName eventSource awsRegion recipientAccountId errorCode errorMessage sourceIPAddress ' +
    'userAgent requestID userIdentity requestParameters responseElements readOnly managementEvent eventVersion'
  ).split(' '),
);

class Reader {
  readonly sink = new RowSink();
  private readonly times: TimeReader;
  private readonly redactor: Redactor;

  constructor(choices: ReadChoices | undefined) {
    // CloudTrail Lake leaves the zone out; all its times are UTC.
    this.times = new TimeReader(this.sink.notices, { zone: 'UTC', ...choices });
    this.redactor = new Redactor(this.sink.notices);
  }

  add(value: JsonObject): string {
    const event = eventIn(value);
    if (!event) return 'it is not an event with an eventName';
    const ts = this.times.read(event['eventTime']);
    if (ts === undefined) return 'the event has no time';
    const target = targetOf(event);
    const title = this.redactor.text(titleOf(event, target));
    const resource = this.redactor.attributes(placeOf(event, target));
    const attributes = this.attributes(event);
    if (this.isChange(event)) {
      const version = this.redactor.text(versionOf(event));
      const kind = changeKindOf(event);
      this.sink.change({ ts, kind, title, version, resource, attributes });
      return '';
    }
    this.log(event, { ts, title, resource, attributes });
    return '';
  }

  private isChange(event: JsonObject): boolean {
    const stated = readOnlyOf(event);
    if (stated === undefined) {
      this.sink.notices.add(
        'read-only-guessed',
        'info',
        (n) => `${n} events do not say whether they only read; it was taken from their names.`,
      );
    }
    const reads = stated ?? readsByName(event);
    return !reads && textIn(event, 'errorCode') === '' && changesConfiguration(event);
  }

  private log(
    event: JsonObject,
    row: { ts: bigint; title: string; resource: Attributes; attributes: Attributes },
  ): void {
    const { ts, title, resource, attributes } = row;
    const code = textIn(event, 'errorCode');
    const said = [code, this.redactor.text(textIn(event, 'errorMessage'))].filter(Boolean);
    if (code !== '') {
      this.sink.notices.add(
        'severity-from-error',
        'info',
        (n) => `${n} events failed (errorCode); they have the severity of an error.`,
      );
    }
    this.sink.notices.add(
      'events-as-logs',
      'info',
      (n) =>
        `${n} events changed no configuration (reads, failures, sign-ins, calls of a data plane): they are logs, not changes.`,
    );
    this.sink.log({
      ts,
      body: said.length > 0 ? `${title}: ${said.join(': ')}` : title,
      severity: code === '' ? 0 : 17,
      severityText: '',
      resource,
      attributes,
    });
  }

  private attributes(event: JsonObject): Attributes {
    const { userIdentity, requestParameters, responseElements } = event;
    const out: Record<string, string> = { 'rpc.system': 'aws-api' };
    const put = (name: string, key: string): void => {
      const text = textIn(event, key);
      if (text !== '') out[name] = this.redactor.text(text);
    };
    put('rpc.service', 'eventSource');
    put('rpc.method', 'eventName');
    put('error.type', 'errorCode');
    put('client.address', 'sourceIPAddress');
    put('user_agent.original', 'userAgent');
    put('aws.request_id', 'requestID');
    const rest = Object.fromEntries(Object.entries(event).filter(([key]) => !TAKEN.has(key)));
    Object.assign(
      out,
      jsonAttributes(this.redactor.value(rest)),
      jsonAttributes(this.redactor.value(userIdentity), 'userIdentity.'),
      jsonAttributes(this.redactor.value(requestParameters), 'requestParameters.'),
      jsonAttributes(this.redactor.value(responseElements), 'responseElements.'),
    );
    return out;
  }
}

/** "UpdateService by deployer/ci on checkout" */
function titleOf(event: JsonObject, target: string): string {
  const principal = principalOf(event);
  const by = principal === '' ? '' : ` by ${principal}`;
  const on = target === '' ? '' : ` on ${target}`;
  return `${textIn(event, 'eventName')}${by}${on}`;
}

function isEvent(value: unknown): boolean {
  const event = isJsonObject(value) ? eventIn(value) : undefined;
  return event !== undefined && 'eventSource' in event && 'eventTime' in event;
}

function sniff(head: Head): { confidence: number; why: string } {
  const value = headJson(head);
  const top = isJsonObject(value) ? (value['Records'] ?? value['Events']) : value;
  const first: unknown = Array.isArray(top) ? top[0] : undefined;
  const known = isJsonObject(first) && 'eventVersion' in first && 'eventSource' in first;
  if (known || isEvent(first)) {
    return { confidence: 0.98, why: 'A list of events with "eventSource" and "eventName".' };
  }
  const lines = headJsonLines(head);
  const fits = lines.filter(isEvent);
  if (fits.length === 0 || fits.length < lines.length * 0.8) return { confidence: 0, why: '' };
  return { confidence: 0.97, why: 'JSON lines with "eventSource" and "eventName" of CloudTrail.' };
}
