export { lake } from './connector';
