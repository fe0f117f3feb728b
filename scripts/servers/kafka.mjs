// Kafka: one real broker that is its own controller (KRaft), from Maven Central.
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './lib/cache.mjs';
import { fetchDependencies, findJdk } from './lib/java.mjs';
import { freePorts, serverFolder, startServer } from './lib/process.mjs';
import { run } from './lib/run.mjs';
import { defineServer } from './lib/server.mjs';

const VERSION = '4.1.0';
const here = dirname(fileURLToPath(import.meta.url));

async function get() {
  await findJdk();
  const { path, fresh } = await cached(`kafka-${VERSION}`, async (work) => {
    const project = join(work, 'project');
    await mkdir(project);
    await cp(join(here, 'kafka/pom.xml'), join(project, 'pom.xml'));
    const lib = join(work, 'lib');
    await fetchDependencies(join(project, 'pom.xml'), lib);
    return lib;
  });
  return {
    path,
    version: await verify(path),
    how: fresh ? 'from Maven Central' : 'from the cache',
  };
}

/** The version by the name of the broker's own jar in the folder of jars. */
async function verify(folder) {
  const jars = existsSync(folder) ? readdirSync(folder) : [];
  const version = jars.map((jar) => /^kafka_2\.13-([\d.]+)\.jar$/.exec(jar)?.[1]).find(Boolean);
  if (!version) throw new Error(`${folder} holds no kafka_2.13 jar`);
  return version;
}

const LOGGING = `status=error
rootLogger.level=warn
rootLogger.appenderRef.c.ref=c
appender.c.type=Console
appender.c.name=c
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m (%c)%n
logger.k.name=kafka.server.KafkaRaftServer
logger.k.level=info
`;

/** One listener beside the controller's: PLAINTEXT, or SASL_ and _SSL as asked. */
function protocolOf({ sasl, tls }) {
  if (sasl) return tls ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return tls ? 'SSL' : 'PLAINTEXT';
}

function propertiesOf({ sasl, tls, settings = {} }, folder, [port, controller]) {
  const protocol = protocolOf({ sasl, tls });
  // The broker talks to itself by a listener of its own, so that the outer one may ask for a sign-in.
  const all = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `OUTER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `OUTER://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,OUTER:${protocol}`,
    'inter.broker.listener.name': 'OUTER',
    'log.dirs': join(folder, 'data'),
    'num.partitions': 3,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...(sasl ? saslProperties(sasl) : {}),
    ...(tls ? tlsProperties(tls) : {}),
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function saslProperties({ mechanisms, username, password }) {
  const [first] = mechanisms;
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
  const own = `username="${username}" password="${password}"`;
  return {
    'sasl.enabled.mechanisms': mechanisms.join(','),
    'sasl.mechanism.inter.broker.protocol': first,
    ...Object.fromEntries(
      mechanisms.map((name) => [
        `listener.name.outer.${name.toLowerCase()}.sasl.jaas.config`,
        name === 'PLAIN' ? `${plain} ${own} user_${username}="${password}";` : `${scram} ${own};`,
      ]),
    ),
  };
}

/** PEM files: the key with its certificate chain. */
function tlsProperties({ keystore, truststore }) {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': truststore,
    'ssl.endpoint.identification.algorithm': '',
  };
}

async function begin(options, { path }) {
  const folder = serverFolder('kafka');
  const ports = await freePorts(2);
  const properties = join(folder, 'server.properties');
  await writeFile(properties, propertiesOf(options, folder, ports));
  await writeFile(join(folder, 'log4j2.properties'), LOGGING);
  const java = join(await findJdk(), 'bin/java');
  const common = [
    '-cp',
    join(path, '*'),
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
  ];
  // An id that begins with a dash would be taken for an option.
  const id = Buffer.concat([Buffer.of(1), randomBytes(15)]).toString('base64url');
  await run(java, [
    ...common,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    id,
    '-c',
    properties,
    ...scramUsers(options),
  ]);
  const started = await startServer({
    name: 'kafka',
    program: java,
    args: ['-Xmx512m', '-Xms128m', '-XX:TieredStopAtLevel=1', ...common, 'kafka.Kafka', properties],
    folder,
    timeoutMs: 120_000,
    // The port opens before the broker answers.
    ready: (output) => output.includes('Kafka Server started'),
  });
  const address = `127.0.0.1:${ports[0]}`;
  return { url: `kafka${options.tls ? '+ssl' : ''}://${address}`, address, ...started };
}

function scramUsers({ sasl }) {
  const scram = sasl?.mechanisms.filter((name) => name.startsWith('SCRAM')) ?? [];
  return scram.flatMap((name) => [
    '--add-scram',
    `${name}=[name=${sasl.username},password=${sasl.password}]`,
  ]);
}

export const kafka = defineServer({
  name: 'kafka',
  variable: 'FAULTLINE_KAFKA',
  get,
  verify,
  begin,
});
