export { remoteWrite } from './format';
