export { prometheus } from './connector';
