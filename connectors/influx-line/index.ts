export { influxLine } from './format';
