import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { changesJsonl } from './format';

describeFormat(changesJsonl, { beside: import.meta.url, formats });
