export { alertWebhook } from './format';
export { decodeAlertWebhook } from './decode';
