export { grafanaCsv } from './format';
