import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { alertsJsonl } from './format';

describeFormat(alertsJsonl, { beside: import.meta.url, formats });
