export { otlpJson } from './format';
