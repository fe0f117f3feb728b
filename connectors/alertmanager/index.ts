export { alertmanager } from './connector';
