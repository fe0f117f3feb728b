export { filebeatJson, logstashJson } from './format';
