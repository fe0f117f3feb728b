export { graphite } from './format';
