export { prometheusAlerts } from './format';
