export { tempo } from './connector';
