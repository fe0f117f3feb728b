export { duckdb } from './format';
