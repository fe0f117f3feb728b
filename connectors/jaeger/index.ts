export { jaeger } from './connector';
