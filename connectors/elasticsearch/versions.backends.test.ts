import { elasticsearch7, opensearch3 } from '../../scripts/servers/index.mjs';
import { describeElasticsearch, describeOpenSearch } from './testing/versions';

// The oldest and the newest that are read, in the longer run.
const wanted = process.env['FAULTLINE_BACKENDS'] === '1';
const skipped = wanted ? undefined : 'only with FAULTLINE_BACKENDS=1';

await describeElasticsearch(elasticsearch7, {
  name: 'Elasticsearch 7',
  product: /^Elasticsearch 7/,
  streams: false,
  skipped,
});
await describeOpenSearch(opensearch3, {
  name: 'OpenSearch 3',
  product: /^OpenSearch 3/,
  streams: true,
  skipped,
});
