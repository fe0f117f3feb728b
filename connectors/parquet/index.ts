export { arrowIpc, parquet } from './format';
