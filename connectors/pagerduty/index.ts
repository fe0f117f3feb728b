export { decodePagerdutyWebhook, pagerduty } from './format';
