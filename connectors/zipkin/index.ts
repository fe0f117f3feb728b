export { zipkinJson } from './format';
