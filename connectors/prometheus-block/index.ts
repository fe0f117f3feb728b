export { prometheusBlock } from './format';
