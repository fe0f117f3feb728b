// OpenSearch: the real server in its "integ-test" distribution plus its mapper module, from Maven Central.
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdk } from './lib/java.mjs';
import { addModule, startSearch, tidyJvmOptions, unzip, versionOfHome } from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '2.19.4';
const ARTIFACT = `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`;
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
    await addMapperExtras(home, artifacts);
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

/** match_only_text, scaled_float and rank_feature, which mappings of log indices use. */
async function addMapperExtras(home, artifacts) {
  const folder = await addModule(home, {
    name: 'mapper-extras',
    classname: 'org.opensearch.index.mapper.MapperExtrasPlugin',
    product: 'opensearch',
    version: VERSION,
    java: 11,
  });
  const jar = (await readdir(artifacts)).find((name) => name.startsWith('mapper-extras-client'));
  await copyFile(join(artifacts, jar), join(folder, jar));
}

const verify = (home) => versionOfHome(home, 'opensearch');

async function begin({ settings = {}, heap }, { path }) {
  return startSearch({
    name: 'opensearch',
    prefix: 'OPENSEARCH',
    program: 'bin/opensearch',
    home: path,
    java: await findJdk(),
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
