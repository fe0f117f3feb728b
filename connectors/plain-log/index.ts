export { plainLog } from './format';
