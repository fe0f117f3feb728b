export { logfmt } from './format';
