import { describeFormat } from '../../core/connect/testing/describe-format';
import { formats } from '..';
import { jaegerJson } from './format';

describeFormat(jaegerJson, {
  beside: import.meta.url,
  formats,
  records: ([file]) => {
    const { data } = JSON.parse(new TextDecoder().decode(file?.bytes)) as {
      data: readonly { spans: readonly unknown[] }[];
    };
    return data.reduce((sum, { spans }) => sum + spans.length, 0);
  },
});
