export { accessLog } from './format';
