export { dockerJson } from './format';
