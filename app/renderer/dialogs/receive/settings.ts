/** Addresses that the receiver listens on, "HOST:PORT" as bound. */
export interface Listening {
  readonly http: string;
  readonly grpc: string;
}

/** Where a sender on this machine finds an address that listens everywhere. */
function reachable(address: string): string {
  return address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
}

export interface Snippet {
  readonly title: string;
  readonly text: string;
}

/** Settings for who is to send: SDKs over HTTP and gRPC, a Collector, an Alertmanager, webhooks. */
export function senderSettings({ http, grpc }: Listening): readonly Snippet[] {
  const [overHttp, overGrpc] = [`http://${reachable(http)}`, `http://${reachable(grpc)}`];
  return [
    {
      title: 'An SDK, over HTTP',
      text: `OTEL_EXPORTER_OTLP_ENDPOINT=${overHttp}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
    },
    {
      title: 'An SDK, over gRPC',
      text: `OTEL_EXPORTER_OTLP_ENDPOINT=${overGrpc}\nOTEL_EXPORTER_OTLP_PROTOCOL=grpc`,
    },
    {
      title: 'A Collector: add this to the exporters of its pipelines',
      text: `exporters:\n  otlphttp/faultline:\n    endpoint: ${overHttp}`,
    },
    {
      title: 'An Alertmanager receiver',
      text: `webhook_configs:\n  - url: ${overHttp}/webhook/alertmanager`,
    },
    {
      title: 'Webhooks of Grafana’s alerts, and of PagerDuty',
      text: `${overHttp}/webhook/grafana\n${overHttp}/webhook/pagerduty`,
    },
  ];
}

/** True where others than this machine can send: worth a warning. */
export function isOpenToNetwork(address: string): boolean {
  const host = address.trim().replace(/:\d+$/, '');
  if (/^\d*$/.test(host)) return false;
  return !/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/i.test(host);
}
