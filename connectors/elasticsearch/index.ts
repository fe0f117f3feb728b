export { elasticsearch } from './connector';
