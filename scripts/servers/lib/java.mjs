// A JDK, and artefacts from Maven Central by Maven itself.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { installPackages } from './debian.mjs';
import { run, which } from './run.mjs';

/** The home of a JDK from 17 to 21 (what the pinned servers know), with javac; got from Debian where it's absent. */
export async function findJdk() {
  const known = await installedJdk();
  if (known) return known;
  await installPackages(['openjdk-17-jdk-headless']);
  const installed = await installedJdk();
  if (!installed) throw new Error('a JDK 17 is needed; the Debian package brought none');
  return installed;
}

/** The home of a JDK of this version or a newer one; throws where there is none, for Debian has none to give. */
export async function findJdkFrom(least) {
  const home = await installedJdk(least, Infinity);
  if (!home) throw new Error(`a JDK ${least} or newer is needed; FAULTLINE_JAVA_HOME can name one`);
  return home;
}

async function installedJdk(least = 17, most = 21) {
  const onPath = which('javac');
  const folder = '/usr/lib/jvm';
  const homes = [
    process.env.FAULTLINE_JAVA_HOME,
    process.env.JAVA_HOME,
    onPath && dirname(dirname(realpathSync(onPath))),
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  for (const home of homes) {
    if (!home || !existsSync(join(home, 'bin/javac'))) continue;
    const { output } = await run(join(home, 'bin/javac'), ['-version']).catch(() => ({
      output: '',
    }));
    const major = Number(/javac (\d+)/.exec(output)?.[1]);
    if (major >= least && major <= most) return home;
  }
  return undefined;
}

/** Copies artefacts (`group:artifact:version[:type]`) into `folder`. */
export async function fetchArtifacts(coordinates, folder) {
  if (!which('mvn')) await installPackages(['maven']);
  for (const artifact of coordinates) {
    await run('mvn', [
      '-q',
      '-B',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${folder}`,
    ]);
  }
}

/** Copies everything that a Maven project depends on, with what that needs, into `folder`. */
export async function fetchDependencies(pom, folder) {
  if (!which('mvn')) await installPackages(['maven']);
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    pom,
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies',
    `-DoutputDirectory=${folder}`,
  ]);
}
