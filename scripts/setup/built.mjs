// dist/ as the sources say. Every part of the build has a stamp with the digest of what it was built from.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const SOURCES = ['app', 'bench', 'connectors', 'core', 'scripts/build.mjs', 'package-lock.json'];
const NO_SOURCE = /\.test\.tsx?$|(^|\/)(testing|samples)\//;

/** What the parts begin with; a part whose entry is not there yet is not built. */
export const ENTRIES = {
  renderer: 'app/renderer/main.tsx',
  cli: 'app/cli/main.ts',
  bench: 'bench/bench.main.ts',
  formats: 'bench/formats.main.ts',
  main: 'app/main/main.ts',
};

export const existingParts = () =>
  Object.keys(ENTRIES).filter((part) => existsSync(join(root, ENTRIES[part])));

/** Digest of all sources: by content, so that neither a checkout nor a copy makes anything stale. */
export function sourceDigest() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const path of SOURCES.flatMap((source) => filesOf(source))) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!/\.[a-z]+$/.test(path)) {
    return readdirSync(full, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
      .filter((file) => !NO_SOURCE.test(file))
      .toSorted();
  }
  return [path];
}

const stampOf = (part) => join(root, 'dist', `.stamp-${part}`);

export function isStale(part, digest = sourceDigest()) {
  const stamp = stampOf(part);
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest;
}

export function stampBuilt(part, digest) {
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampOf(part), digest);
}

export const unstamp = (part) => rmSync(stampOf(part), { force: true });

/** Builds those of the parts (all, unless named) that are missing or older than the sources. */
export function ensureBuilt(parts = existingParts()) {
  const digest = sourceDigest();
  const stale = parts.filter(
    (part) => existsSync(join(root, ENTRIES[part])) && isStale(part, digest),
  );
  if (stale.length === 0) return;
  const script = join(root, 'scripts/build.mjs');
  const result = spawnSync(process.execPath, [script, ...stale], { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) throw new Error(`The build failed (${stale.join(', ')}).`);
}
