export { promtoolDump } from './format';
