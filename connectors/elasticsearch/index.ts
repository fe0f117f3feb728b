export { elasticsearch } from './connector';
export { elasticsearchBulk } from './format-bulk';
export { elasticdump } from './format-dump';
export { kibanaCsv } from './format-kibana';
export { elasticsearchSearch } from './format-search';
