// Trino with its Hive connector, from Maven Central: the core (194 MB) and the one plugin (258 MB) that a lake wants.
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdkFrom } from './lib/java.mjs';
import { freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run } from './lib/run.mjs';
import { unzip } from './lib/search.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '476';
const LEAST_JAVA = 23;

async function get() {
  await findJdkFrom(LEAST_JAVA);
  const { path, fresh } = await cached(`trino-${VERSION}`, async (work) => {
    await fetchArtifacts(
      [`io.trino:trino-server-core:${VERSION}:tar.gz`, `io.trino:trino-hive:${VERSION}:zip`],
      work,
    );
    await run('tar', ['xzf', join(work, `trino-server-core-${VERSION}.tar.gz`), '-C', work]);
    const home = join(work, `trino-server-core-${VERSION}`);
    await unzip(join(work, `trino-hive-${VERSION}.zip`), work);
    await mkdir(join(home, 'plugin'), { recursive: true });
    await rename(join(work, `trino-hive-${VERSION}`), join(home, 'plugin/hive'));
    return home;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

async function versionOf(home) {
  for (const name of await readdir(join(home, 'lib')).catch(() => [])) {
    const version = /trino-main-(\d+)\.jar$/.exec(name)?.[1];
    if (version) return version;
  }
  throw new Error(`${home} is no unpacked Trino`);
}

const properties = (values) =>
  Object.entries(values)
    .map((pair) => `${pair.join('=')}\n`)
    .join('');

/** The folder that Trino runs in; its catalogs are looked for in `etc/catalog` of it. */
async function configure(folder, distribution, port, s3) {
  await mkdir(join(folder, 'etc/catalog'), { recursive: true });
  for (const part of ['data', 'plugin', 'metastore']) await mkdir(join(folder, part));
  await symlink(join(distribution, 'plugin/hive'), join(folder, 'plugin/hive'));
  const config = {
    coordinator: true,
    'node-scheduler.include-coordinator': true,
    'http-server.http.port': port,
    'discovery.uri': `http://127.0.0.1:${port}`,
    'query.max-memory': '512MB',
    'query.max-memory-per-node': '512MB',
    'memory.heap-headroom-per-node': '256MB',
    'catalog.management': 'static',
  };
  await writeFile(join(folder, 'etc/config.properties'), properties(config));
  await writeFile(join(folder, 'etc/log.properties'), 'io.trino=WARN\n');
  const catalog = {
    'connector.name': 'hive',
    'hive.metastore': 'file',
    'hive.metastore.catalog.dir': 'local:///metastore',
    'hive.timestamp-precision': 'NANOSECONDS',
    // Files below it are read whole, so that what statistics leave out could not be seen.
    'parquet.small-file-threshold': '0B',
    'fs.native-local.enabled': true,
    'local.location': folder,
    'fs.native-s3.enabled': true,
    's3.endpoint': s3.url,
    's3.region': 'us-east-1',
    's3.path-style-access': true,
    's3.aws-access-key': s3.accessKeyId,
    's3.aws-secret-key': s3.secretAccessKey,
  };
  await writeFile(join(folder, 'etc/catalog/lake.properties'), properties(catalog));
}

/** It answers before its catalogs are there. */
async function hasCatalog(url) {
  try {
    const headers = { 'X-Trino-User': 'tests' };
    const signal = AbortSignal.timeout(20_000);
    const asked = { method: 'POST', headers, body: 'SHOW SCHEMAS FROM lake', signal };
    let page = await (await fetch(`${url}/v1/statement`, asked)).json();
    while (page.nextUri) page = await (await fetch(page.nextUri, { headers, signal })).json();
    return page.stats?.state === 'FINISHED';
  } catch {
    return false;
  }
}

async function begin({ s3 }, { path }) {
  const folder = serverFolder('trino');
  const [port] = await freePorts(1);
  await configure(folder, path, port, s3);
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    'log.levels-file': join(folder, 'etc/log.properties'),
    config: join(folder, 'etc/config.properties'),
    'node.data-dir': join(folder, 'data'),
    'node.id': 'tests-1',
    'node.environment': 'tests',
    'node.internal-address': '127.0.0.1',
    // It would listen on every address.
    'node.bind-ip': '127.0.0.1',
    'plugin.dir': join(folder, 'plugin'),
  };
  const started = await startServer({
    name: 'trino',
    program: join(await findJdkFrom(LEAST_JAVA), 'bin/java'),
    args: [
      '-Xmx2G',
      '-Xms512M',
      '-XX:+UseG1GC',
      '-XX:+ExitOnOutOfMemoryError',
      '-XX:TieredStopAtLevel=1',
      '-Djdk.attach.allowAttachSelf=true',
      '-Dfile.encoding=UTF-8',
      '--add-modules=jdk.incubator.vector',
      '--sun-misc-unsafe-memory-access=allow',
      '--enable-native-access=ALL-UNNAMED',
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      '-cp',
      join(path, 'lib/*'),
      'io.trino.server.TrinoServer',
    ],
    folder,
    timeoutMs: 400_000,
    ready: () => hasCatalog(url),
  });
  return { url, ...started };
}

export const trino = defineServer({
  name: 'trino',
  variable: 'FAULTLINE_TRINO',
  get,
  verify: versionOf,
  begin,
});
