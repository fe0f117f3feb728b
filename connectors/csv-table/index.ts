export { csvTable } from './format';
