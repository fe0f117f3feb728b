// OpenSearch 3, for the longer run: it has its mapper module, and wants Java 21.
import { join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdkFrom } from './lib/java.mjs';
import { tidyJvmOptions, unzip, versionOfHome } from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';
import { beginOpenSearch } from './opensearch.mjs';

const VERSION = '3.6.0';
const ARTIFACT = `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`;
const JAVA = 21;

async function get() {
  await findJdkFrom(JAVA);
  const { path, fresh } = await cached(`opensearch-${VERSION}`, async (work) => {
    await fetchArtifacts([ARTIFACT], work);
    await unzip(join(work, `opensearch-${VERSION}.zip`), work);
    const home = join(work, `opensearch-${VERSION}`);
    await tidyJvmOptions(home);
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

export const opensearch3 = defineServer({
  name: 'opensearch3',
  variable: 'FAULTLINE_OPENSEARCH3',
  get,
  verify: (home) => versionOfHome(home, 'opensearch'),
  begin: async (options, got) => beginOpenSearch(options, got, await findJdkFrom(JAVA)),
});
