export { fluent } from './format';
