// Elasticsearch: the real server in its "integ-test" distribution (fewer modules), from Maven Central.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdk } from './lib/java.mjs';
import { run } from './lib/run.mjs';
import { addModule, startSearch, tidyJvmOptions, unzip, versionOfHome } from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '8.19.21';
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`;
const here = dirname(fileURLToPath(import.meta.url));

async function get() {
  const java = await findJdk();
  const { path, fresh } = await cached(`elasticsearch-${VERSION}`, async (work) => {
    await fetchArtifacts([ARTIFACT], work);
    await unzip(join(work, `elasticsearch-${VERSION}.zip`), work);
    const home = join(work, `elasticsearch-${VERSION}`);
    await tidyJvmOptions(home);
    await addRootAction(home, java, join(work, 'classes'));
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

/** This distribution lacks `GET /`, by which every client begins; a module of our own answers as the real one. */
async function addRootAction(home, java, classes) {
  await mkdir(classes);
  const source = join(here, 'elasticsearch/RestRootPlugin.java');
  const libraries = join(home, 'lib/*');
  const options = ['--release', '17', '-nowarn', '-cp', libraries, '-d', classes];
  await run(join(java, 'bin/javac'), [...options, source]);
  const folder = await addModule(home, {
    name: 'rest-root',
    classname: 'RestRootPlugin',
    product: 'elasticsearch',
    version: VERSION,
    java: 17,
  });
  await run(join(java, 'bin/jar'), ['cf', join(folder, 'rest-root.jar'), '-C', classes, '.']);
}

const verify = (home) => versionOfHome(home, 'elasticsearch');

/** Starts an unpacked Elasticsearch of any version; `auth` switches its security on. */
export async function beginElasticsearch({ auth, settings = {}, heap }, { path }) {
  const [username, password] = auth ? splitAuth(auth) : [];
  const headers = auth
    ? { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    : {};
  const started = await startSearch({
    name: 'elasticsearch',
    prefix: 'ES',
    program: 'bin/elasticsearch',
    home: path,
    java: await findJdk(),
    heap,
    settings: {
      values: { 'xpack.security.enabled': Boolean(auth), ...settings },
      request: { headers },
    },
    prepare: auth
      ? (tool) =>
          tool('bin/elasticsearch-users', ['useradd', username, '-p', password, '-r', 'superuser'])
      : undefined,
  });
  return { ...started, headers };
}

function splitAuth(auth) {
  const colon = auth.indexOf(':');
  return [auth.slice(0, colon), auth.slice(colon + 1)];
}

export const elasticsearch = defineServer({
  name: 'elasticsearch',
  variable: 'FAULTLINE_ELASTICSEARCH',
  get,
  verify,
  begin: beginElasticsearch,
});
