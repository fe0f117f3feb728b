export { chromeTrace } from './format';
