export { cloudtrail } from './format';
