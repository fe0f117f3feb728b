export { alertmanagerAlerts } from './format';
