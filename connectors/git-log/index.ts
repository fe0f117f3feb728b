export { gitLog } from './format';
