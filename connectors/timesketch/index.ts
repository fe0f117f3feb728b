export { timesketch } from './format';
