export { cri } from './format';
