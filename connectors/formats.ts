import type { FileFormat } from '../core/connect';
import { accessLog } from './access-log';
import { alertWebhook } from './alert-webhook';
import { alertmanagerAlerts } from './alertmanager-alerts';
import { alertsJsonl } from './alerts-jsonl';
import { filebeatJson, logstashJson } from './beats';
import { argocd, argocdHistory } from './argocd';
import { caseJson } from './case-json';
import { changesJsonl } from './changes-jsonl';
import { cri } from './cri';
import { cloudtrail } from './cloudtrail';
import { dockerJson } from './docker-json';
import { githubDeployments } from './github-deployments';
import { gitLog } from './git-log';
import { helmHistory } from './helm-history';
import { har } from './har';
import { duckdb } from './duckdb';
import { elasticdump, elasticsearchBulk, elasticsearchSearch, kibanaCsv } from './elasticsearch';
import { fluent } from './fluent';
import { jaegerJson } from './jaeger';
import { journaldExport, journaldJson } from './journald';
import { chromeTrace } from './chrome-trace';
import { csvTable } from './csv-table';
import { jsonTable } from './json-table';
import { k8sEvents } from './k8s-events';
import { jsonLog } from './json-log';
import { logfmt } from './logfmt';
import { logcliJsonl, lokiJson } from './loki';
import { openMetrics } from './openmetrics';
import { otlpJson, otlpProto } from './otlp';
import { prometheusBlock } from './prometheus-block';
import { plainLog } from './plain-log';
import { prometheusExemplarsJson, prometheusQueryJson } from './prometheus-json';
import { arrowIpc, parquet } from './parquet';
import { pagerduty } from './pagerduty';
import { prometheusAlerts } from './prometheus-alerts';
import { openSlo, prometheusRulesYaml, sloth } from './rules-yaml';
import { slackExport } from './slack-export';
import { terraformPlan } from './terraform-plan';
import { ticketCsv } from './ticket-csv';
import { sqlite } from './sqlite';
import { syslog } from './syslog';
import { timesketch } from './timesketch';
import { topologyJson } from './topology-json';
import { zipkinJson } from './zipkin';
import { promtoolDump } from './promtool-dump';
import { collectdCsv } from './collectd-csv';
import { grafanaCsv } from './grafana-csv';
import { graphite } from './graphite';
import { influxLine } from './influx-line';
import { statsd } from './statsd';
import { remoteWrite } from './remote-write';
import { victoriaMetricsExport } from './victoriametrics';

/** Every file format. The surest wins; of equals the first. One a line: branches add theirs side by side. */
export const formats: readonly FileFormat[] = [
  otlpJson,
  otlpProto,
  openMetrics,
  caseJson,
  topologyJson,
  changesJsonl,
  alertsJsonl,
  alertWebhook,
  alertmanagerAlerts,
  prometheusAlerts,
  pagerduty,
  k8sEvents,
  gitLog,
  githubDeployments,
  argocd,
  argocdHistory,
  helmHistory,
  terraformPlan,
  ticketCsv,
  slackExport,
  prometheusRulesYaml,
  openSlo,
  sloth,
  jaegerJson,
  dockerJson,
  prometheusQueryJson,
  prometheusExemplarsJson,
  cri,
  journaldExport,
  journaldJson,
  timesketch,
  parquet,
  arrowIpc,
  sqlite,
  duckdb,
  csvTable,
  jsonTable,
  zipkinJson,
  jsonLog,
  har,
  syslog,
  accessLog,
  logfmt,
  chromeTrace,
  promtoolDump,
  victoriaMetricsExport,
  prometheusBlock,
  remoteWrite,
  plainLog,
  influxLine,
  graphite,
  grafanaCsv,
  statsd,
  collectdCsv,
  elasticsearchBulk,
  elasticsearchSearch,
  elasticdump,
  kibanaCsv,
  lokiJson,
  logcliJsonl,
  cloudtrail,
  filebeatJson,
  logstashJson,
  fluent,
];
