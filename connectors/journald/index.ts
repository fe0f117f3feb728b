export { journaldExport, journaldJson } from './format';
