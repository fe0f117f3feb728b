import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { otlpJson } from './format';

describeFormat(otlpJson, { beside: import.meta.url, formats });
