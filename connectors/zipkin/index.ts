export { zipkin } from './connector';
export { zipkinJson } from './format';
