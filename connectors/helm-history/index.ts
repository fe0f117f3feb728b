export { helmHistory } from './format';
