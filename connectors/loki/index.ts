export { loki } from './connector';
export { logcliJsonl, lokiJson } from './format';
