export { sqlite } from './format';
