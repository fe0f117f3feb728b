// What Elasticsearch and OpenSearch share: unpacked once, started from a copy made of hard links.
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  cp,
  link,
  mkdir,
  readFile,
  readdir,
  symlink,
  readlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './debian.mjs';
import { isRoot, run, which } from './run.mjs';
import { answers, freePorts, serverFolder, startServer } from './process.mjs';

/** Both servers refuse root: they run as nobody. */
const NOBODY = 65_534;

export async function unzip(file, folder) {
  if (!which('unzip')) await installPackages(['unzip']);
  await run('unzip', ['-q', file, '-d', folder]);
}

/** The version of an unpacked distribution, by the name of its main library: its tools want a JDK first. */
export async function versionOfHome(home, product) {
  const pattern = new RegExp(`^${product}-(\\d+\\.\\d+\\.\\d+)\\.jar$`);
  for (const name of await readdir(join(home, 'lib')).catch(() => [])) {
    const version = pattern.exec(name)?.[1];
    if (version) return version;
  }
  throw new Error(`${home} is no unpacked ${product}`);
}

/** A module folder of the server with what its loader wants to know. */
export async function addModule(home, { name, classname, product, version, java }) {
  const folder = join(home, 'modules', name);
  await mkdir(folder, { recursive: true });
  const lines = [
    `name=${name}`,
    `description=${name}`,
    `version=${version}`,
    `classname=${classname}`,
    `java.version=${java}`,
    `${product}.version=${version}`,
    'extended.plugins=',
    'has.native.controller=false',
    '',
  ];
  await writeFile(join(folder, 'plugin-descriptor.properties'), lines.join('\n'));
  return folder;
}

/** match_only_text, scaled_float and rank_feature, which mappings of log indices use, from fetched artefacts. */
export async function addMapperExtras(home, artifacts, { product, classname, version, java }) {
  const name = 'mapper-extras';
  const folder = await addModule(home, { name, classname, product, version, java });
  const jar = (await readdir(artifacts)).find((file) => file.startsWith('mapper-extras-client'));
  await copyFile(join(artifacts, jar), join(folder, jar));
}

/** The JVM options of the distribution without those that write into the working folder. */
export async function tidyJvmOptions(home) {
  const path = join(home, 'config/jvm.options');
  const kept = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => !/HeapDumpOnOutOfMemoryError|gc\*|^-Xm[sx]1g/.test(line));
  await writeFile(path, kept.join('\n'));
}

/** Copies a tree by hard links, or by content where the folders lie on different file systems. */
async function linkTree(from, to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await link(source, target).catch(() =>
        cp(source, target, { mode: constants.COPYFILE_FICLONE }),
      );
    }
  }
}

async function ownerOf(folder, user) {
  if (user !== undefined) await run('chown', ['-R', `${user}:${user}`, folder]);
}

/**
 * Starts an unpacked distribution. `prefix` is that of its environment variables (ES, OPENSEARCH);
 * `prepare(run)` may run one of its tools, as the server's user, before the start.
 */
export async function startSearch({ name, prefix, program, home, java, settings, prepare, heap }) {
  const folder = serverFolder(name);
  await chmod(folder, 0o755);
  const user = isRoot ? NOBODY : undefined;
  const server = join(folder, 'server');
  await linkTree(home, server);
  // Of the copy, only what the server writes is a real copy; a shared link must not change.
  await cp(join(home, 'config'), join(folder, 'config'), { recursive: true });
  for (const part of ['data', 'logs', 'tmp']) await mkdir(join(folder, part));
  for (const part of ['config', 'data', 'logs', 'tmp']) await ownerOf(join(folder, part), user);
  const size = heap ?? '512m';
  const env = {
    [`${prefix}_JAVA_HOME`]: java,
    [`${prefix}_PATH_CONF`]: join(folder, 'config'),
    [`${prefix}_TMPDIR`]: join(folder, 'tmp'),
    [`${prefix}_JAVA_OPTS`]: `-Xms${size} -Xmx${size} -XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch`,
    HOME: join(folder, 'tmp'),
  };
  await prepare?.((tool, args) => {
    const asUser =
      user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
    const command = [
      ...(user === undefined ? [] : ['setpriv', ...asUser]),
      join(server, tool),
      ...args,
    ];
    return run(command[0], command.slice(1), { cwd: server, env });
  });
  const [http, transport] = await freePorts(2);
  const url = `http://127.0.0.1:${http}`;
  const all = {
    'discovery.type': 'single-node',
    'network.host': '127.0.0.1',
    'http.port': http,
    'transport.port': transport,
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...settings.values,
  };
  const started = await startServer({
    name,
    program: join(server, program),
    args: Object.entries(all).map(([key, value]) => `-E${key}=${value}`),
    folder,
    cwd: server,
    env,
    asUser: user,
    timeoutMs: 240_000,
    ready: () =>
      answers(`${url}/_cluster/health?wait_for_status=yellow&timeout=3s`, settings.request),
  });
  return { url, ...started };
}
