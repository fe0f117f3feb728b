export { victoriaMetricsExport } from './format';
