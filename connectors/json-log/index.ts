export { jsonLog } from './format';
