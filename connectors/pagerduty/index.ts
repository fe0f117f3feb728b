export { pagerduty } from './format';
