// Elasticsearch 7, for the longer run: as Elasticsearch 8, with its mapper module.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beginElasticsearch } from './elasticsearch.mjs';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdk } from './lib/java.mjs';
import { addMapperExtras, tidyJvmOptions, unzip, versionOfHome } from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '7.17.29';
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`;
const MAPPER_EXTRAS = `org.elasticsearch.plugin:mapper-extras-client:${VERSION}`;

async function get() {
  await findJdk();
  const { path, fresh } = await cached(`elasticsearch-${VERSION}`, async (work) => {
    const artifacts = join(work, 'artifacts');
    await mkdir(artifacts);
    await fetchArtifacts([ARTIFACT, MAPPER_EXTRAS], artifacts);
    await unzip(join(artifacts, `elasticsearch-${VERSION}.zip`), work);
    const home = join(work, `elasticsearch-${VERSION}`);
    await tidyJvmOptions(home);
    await addMapperExtras(home, artifacts, {
      product: 'elasticsearch',
      classname: 'org.elasticsearch.index.mapper.MapperExtrasPlugin',
      version: VERSION,
      java: '1.8',
    });
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

export const elasticsearch7 = defineServer({
  name: 'elasticsearch7',
  variable: 'FAULTLINE_ELASTICSEARCH7',
  get,
  verify: (home) => versionOfHome(home, 'elasticsearch'),
  begin: beginElasticsearch,
});
