export { terraformPlan } from './format';
