export { har } from './format';
