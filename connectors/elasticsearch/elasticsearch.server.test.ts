import { elasticsearch, opensearch } from '../../scripts/servers/index.mjs';
import { describeElasticsearch, describeOpenSearch } from './testing/versions';

await describeElasticsearch(elasticsearch, {
  name: 'Elasticsearch',
  product: /^Elasticsearch 8/,
  streams: true,
});
await describeOpenSearch(opensearch, {
  name: 'OpenSearch',
  product: /^OpenSearch 2/,
  streams: true,
});
