import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { topologyJson } from './format';

describeFormat(topologyJson, { beside: import.meta.url, formats });
