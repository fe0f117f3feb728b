export { jaeger } from './connector';
export { jaegerJson } from './format';
