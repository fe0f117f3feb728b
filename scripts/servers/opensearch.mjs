// OpenSearch: the real server in its "integ-test" distribution plus its mapper module, from Maven Central.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdk } from './lib/java.mjs';
import {
  addMapperExtras,
  startSearch,
  tidyJvmOptions,
  unzip,
  versionOfHome,
} from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '2.19.4';
const ARTIFACT = `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`;
const OPENSEARCH = {
  product: 'opensearch',
  classname: 'org.opensearch.index.mapper.MapperExtrasPlugin',
};
const MAPPER_EXTRAS = `org.opensearch.plugin:mapper-extras-client:${VERSION}`;

async function get() {
  await findJdk();
  const { path, fresh } = await cached(`opensearch-${VERSION}`, async (work) => {
    const artifacts = join(work, 'artifacts');
    await mkdir(artifacts);
    await fetchArtifacts([ARTIFACT, MAPPER_EXTRAS], artifacts);
    await unzip(join(artifacts, `opensearch-${VERSION}.zip`), work);
    const home = join(work, `opensearch-${VERSION}`);
    await tidyJvmOptions(home);
    await addMapperExtras(home, artifacts, { ...OPENSEARCH, version: VERSION, java: 11 });
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

const verify = (home) => versionOfHome(home, 'opensearch');

const begin = (options, got) => findJdk().then((java) => beginOpenSearch(options, got, java));

/** Starts an unpacked OpenSearch of any version. */
export async function beginOpenSearch({ settings = {}, heap }, { path }, java) {
  return startSearch({
    name: 'opensearch',
    prefix: 'OPENSEARCH',
    program: 'bin/opensearch',
    home: path,
    java,
    heap,
    settings: { values: settings },
  });
}

export const opensearch = defineServer({
  name: 'opensearch',
  variable: 'FAULTLINE_OPENSEARCH',
  get,
  verify,
  begin,
});
