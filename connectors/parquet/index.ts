export { parquet } from './format';
