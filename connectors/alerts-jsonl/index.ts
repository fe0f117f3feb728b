export { alertsJsonl } from './format';
