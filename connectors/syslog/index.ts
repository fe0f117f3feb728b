export { syslog } from './format';
