export { kafkaWith } from './connector';
