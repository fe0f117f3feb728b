export { changesJsonl } from './format';
