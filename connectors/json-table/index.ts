export { jsonTable } from './format';
