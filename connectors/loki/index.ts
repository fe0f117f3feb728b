export { logcliJsonl, lokiJson } from './format';
