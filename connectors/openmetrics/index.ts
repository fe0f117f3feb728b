export { openMetrics } from './format';
