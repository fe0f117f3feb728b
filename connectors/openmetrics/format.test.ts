import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { openMetrics } from './format';

describeFormat(openMetrics, { beside: import.meta.url, formats });
