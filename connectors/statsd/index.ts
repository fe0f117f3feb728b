export { statsd } from './format';
