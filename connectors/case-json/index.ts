export { caseJson } from './format';
