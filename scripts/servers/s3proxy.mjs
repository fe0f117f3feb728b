// S3Proxy: an S3 server over a folder (signatures of version 4, multipart, ListObjectsV2, ranges), from Maven Central.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './lib/cache.mjs';
import { fetchDependencies, findJdk } from './lib/java.mjs';
import { freePorts, serverFolder, startServer } from './lib/process.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '4.1.0';
const here = dirname(fileURLToPath(import.meta.url));
const pom = join(here, 's3proxy/pom.xml');

async function get() {
  await findJdk();
  const { path, fresh } = await cached(`s3proxy-${VERSION}`, async (work) => {
    const libraries = join(work, 'lib');
    await fetchDependencies(pom, libraries);
    await versionOf(libraries);
    return libraries;
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

async function versionOf(libraries) {
  for (const name of await readdir(libraries).catch(() => [])) {
    const version = /^s3proxy-(\d+\.\d+\.\d+)\.jar$/.exec(name)?.[1];
    if (version) return version;
  }
  throw new Error(`${libraries} is no folder with the libraries of S3Proxy`);
}

async function begin({ accessKeyId = 'tester', secretAccessKey = 'tester-secret' }, { path }) {
  const folder = serverFolder('s3proxy');
  const data = join(folder, 'data');
  await mkdir(data);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    's3proxy.endpoint': url,
    's3proxy.authorization': 'aws-v2-or-v4',
    's3proxy.identity': accessKeyId,
    's3proxy.credential': secretAccessKey,
    // Trino and others send headers that it does not know.
    's3proxy.ignore-unknown-headers': 'true',
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': data,
    'jclouds.identity': 'unused',
    'jclouds.credential': 'unused',
  };
  const file = join(folder, 's3proxy.conf');
  await writeFile(
    file,
    Object.entries(settings)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  );
  const started = await startServer({
    name: 's3proxy',
    program: join(await findJdk(), 'bin/java'),
    args: [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      `-Dlogback.configurationFile=${join(here, 's3proxy/logback.xml')}`,
      '-cp',
      join(path, '*'),
      'org.gaul.s3proxy.Main',
      '--properties',
      file,
    ],
    folder,
    // Nothing is signed: it refuses, and so is there.
    ready: () =>
      fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
        ({ status }) => status === 403,
        () => false,
      ),
  });
  return { url, accessKeyId, secretAccessKey, data, ...started };
}

export const s3proxy = defineServer({
  name: 's3proxy',
  variable: 'FAULTLINE_S3PROXY',
  get,
  verify: versionOf,
  begin,
});
