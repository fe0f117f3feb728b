import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { caseJson } from './format';

describeFormat(caseJson, { beside: import.meta.url, formats });
