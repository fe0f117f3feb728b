import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { alertWebhook } from './format';

describeFormat(alertWebhook, { beside: import.meta.url, formats });
