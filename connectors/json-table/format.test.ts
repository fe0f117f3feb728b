import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { jsonTable } from './format';

describeFormat(jsonTable, { beside: import.meta.url, formats });
