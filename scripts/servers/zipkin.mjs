// Zipkin with its memory storage: the executable jar from Maven Central.
import { basename, join } from 'node:path';
import { cached } from './lib/cache.mjs';
import { fetchArtifacts, findJdk } from './lib/java.mjs';
import { answers, freePorts, serverFolder, startServer } from './lib/process.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '3.4.4';
const FILE = `zipkin-server-${VERSION}-exec.jar`;

async function get() {
  await findJdk();
  const { path, fresh } = await cached(FILE, async (work) => {
    await fetchArtifacts([`io.zipkin:zipkin-server:${VERSION}:jar:exec`], work);
    return join(work, FILE);
  });
  return { path, version: VERSION, how: fresh ? 'from Maven Central' : 'from the cache' };
}

async function verify(path) {
  const version = /zipkin-server-(\d[\d.]*\d)/.exec(basename(path))?.[1];
  if (!version) throw new Error(`${path} is not called zipkin-server-VERSION-exec.jar`);
  return version;
}

async function begin({ maxSpans = 500_000 }, { path }) {
  const folder = serverFolder('zipkin');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = await startServer({
    name: 'zipkin',
    program: join(await findJdk(), 'bin/java'),
    args: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', path],
    folder,
    env: {
      QUERY_PORT: String(port),
      STORAGE_TYPE: 'mem',
      MEM_MAX_SPANS: String(maxSpans),
      SELF_TRACING_ENABLED: 'false',
    },
    ready: () => answers(`${url}/health`),
  });
  return { url, ...started };
}

export const zipkin = defineServer({
  name: 'zipkin',
  variable: 'FAULTLINE_ZIPKIN',
  get,
  verify,
  begin,
});
