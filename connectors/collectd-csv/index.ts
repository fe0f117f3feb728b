export { collectdCsv } from './format';
