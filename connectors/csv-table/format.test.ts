import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { csvTable } from './format';

// A row of a wide table that is cut in its last field is several samples.
describeFormat(csvTable, { beside: import.meta.url, formats, cutRows: 2 });
