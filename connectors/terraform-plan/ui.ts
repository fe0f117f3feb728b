import {
  asText,
  Redactor,
  TimeReader,
  isJsonObject,
  severityOfWord,
  type JsonObject,
  type ReadChoices,
  type RowSink,
} from '../../core/connect';

const RESOURCE = { 'service.name': 'terraform' };

/** Lines of terraform's machine-readable output: what was planned, applied or failed is a change, the rest is log. */
export class UiRows {
  private readonly times: TimeReader;
  private readonly redactor: Redactor;

  constructor(
    private readonly sink: RowSink,
    choices: ReadChoices | undefined,
  ) {
    this.times = new TimeReader(sink.notices, choices);
    this.redactor = new Redactor(sink.notices);
  }

  add(line: JsonObject): string {
    const ts = this.times.read(line['@timestamp']);
    if (ts === undefined) return 'the line has no time (@timestamp)';
    const message = this.redactor.text(asText(line['@message']));
    if (message === '') return 'the line has no message';
    const type = asText(line['type']);
    const change = line['change'];
    const hook = line['hook'];
    const about = isJsonObject(change) ? change : isJsonObject(hook) ? hook : {};
    const resource = about['resource'];
    const address = isJsonObject(resource) ? asText(resource['addr']) : '';
    const state = STATES[type];
    const attributes = present({
      'terraform.type': isJsonObject(resource) ? asText(resource['resource_type']) : '',
      'terraform.address': address,
      'terraform.action': asText(about['action']),
      'terraform.reason': asText(about['reason']),
      'terraform.state': state ?? '',
      'terraform.elapsed_seconds': asText(about['elapsed_seconds']),
      'terraform.line': type,
    });
    if (state !== undefined && address !== '') {
      const title = `terraform: ${asText(about['action'])} ${address}`;
      this.sink.change({
        ts,
        kind: 'config',
        title: state === 'applied' ? title : `${title} (${state})`,
        resource: {},
        attributes,
      });
      if (state === 'planned') this.sayPlanned();
      return '';
    }
    const level = asText(line['@level']);
    this.sink.log({
      ts,
      body: message,
      severity: severityOfWord(level),
      severityText: level,
      resource: RESOURCE,
      attributes: { ...attributes, ...this.diagnostic(line['diagnostic']) },
    });
    return '';
  }

  private diagnostic(value: unknown): Readonly<Record<string, string>> {
    if (!isJsonObject(value)) return {};
    const { address, detail } = value;
    return present({
      'terraform.address': asText(address),
      'terraform.detail': this.redactor.text(asText(detail)),
    });
  }

  private sayPlanned(): void {
    this.sink.notices.add(
      'planned',
      'info',
      (n) =>
        `${n} changes were planned; what was made of them is a change of its own where the file says so.`,
    );
  }
}

const STATES: Readonly<Record<string, string>> = {
  planned_change: 'planned',
  resource_drift: 'drifted',
  apply_complete: 'applied',
  apply_errored: 'failed',
};

function present(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}
