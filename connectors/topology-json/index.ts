export { topologyJson } from './format';
