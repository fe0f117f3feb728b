// Counts that may only fall (scripts/ratchets.json).
// node scripts/ratchets.mjs           compares; --list says where, --lower writes what has fallen
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

const FOLDERS = ['app', 'bench', 'connectors', 'core', 'e2e', 'scripts', 'bin'];
const FILE_LINES = 400;
const FUNCTION_LINES = 60;
const IS_SOURCE = /\.(ts|tsx|mts|mjs|cjs)$/;
const NOT_OURS = /(^|\/)(generated|node_modules)\//;
const IS_TEST = /\.(test|spec)\.tsx?$|(^|\/)testing\/|^e2e\//;
const DISABLE = /(?:oxlint|eslint)-disable|@ts-(?:ignore|expect-error|nocheck)/;

function sources() {
  return FOLDERS.flatMap((folder) => {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && IS_SOURCE.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((path) => !NOT_OURS.test(path));
  }).toSorted();
}

/** Every place that a ratchet counts: name → `path:line` list. */
export async function findPlaces() {
  const ts = (await import('typescript')).default;
  const places = {
    any: [],
    lintDisables: [],
    nonNullAssertions: [],
    nonNullAssertionsInTests: [],
    filesOver400Lines: [],
    functionsOver60Lines: [],
  };
  for (const path of sources()) scan(ts, path, places);
  return places;
}

function scan(ts, path, places) {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n');
  const isTest = IS_TEST.test(path);
  if (lines.length - 1 > FILE_LINES) places.filesOver400Lines.push(`${path} (${lines.length - 1})`);
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  // Only comments count: this file has the words in an expression.
  lines.forEach((line, index) => {
    const comment = /\/\/.*|\/\*.*|^\s*\*.*/.exec(line)?.[0] ?? '';
    if (DISABLE.test(comment)) places.lintDisables.push(`${path}:${index + 1}`);
  });
  const lineOf = (position) => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node) => {
    const at = () => `${path}:${lineOf(node.getStart(file))}`;
    if (node.kind === ts.SyntaxKind.AnyKeyword) places.any.push(at());
    if (ts.isNonNullExpression(node)) {
      (isTest ? places.nonNullAssertionsInTests : places.nonNullAssertions).push(at());
    }
    if (!isTest && ts.isFunctionLike(node) && node.body) {
      const length = lineOf(node.end) - lineOf(node.getStart(file)) + 1;
      if (length > FUNCTION_LINES) places.functionsOver60Lines.push(`${at()} (${length})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}

const limitsPath = join(root, 'scripts/ratchets.json');

/** What rose (an error each) and what fell (may be lowered). */
export async function compare() {
  const limits = JSON.parse(readFileSync(limitsPath, 'utf8'));
  const places = await findPlaces();
  const counts = Object.fromEntries(Object.entries(places).map(([name, at]) => [name, at.length]));
  const names = Object.keys(counts);
  return {
    limits,
    counts,
    places,
    risen: names.filter((name) => counts[name] > (limits[name] ?? 0)),
    fallen: names.filter((name) => counts[name] < (limits[name] ?? 0)),
  };
}

async function main(flag) {
  const { limits, counts, places, risen, fallen } = await compare();
  if (flag === '--list') {
    for (const [name, at] of Object.entries(places)) console.log([name, ...at].join('\n  '));
  }
  if (flag === '--lower') {
    const lower = (name) => Math.min(counts[name], limits[name] ?? counts[name]);
    const next = Object.fromEntries(Object.keys(counts).map((name) => [name, lower(name)]));
    writeFileSync(limitsPath, `${JSON.stringify(next, null, 2)}\n`);
  }
  for (const name of fallen) {
    const hint = flag === '--lower' ? 'lowered' : 'lower it: node scripts/ratchets.mjs --lower';
    console.log(`${name} fell from ${limits[name]} to ${counts[name]}; ${hint}`);
  }
  for (const name of risen) {
    console.log(`${name} rose from ${limits[name] ?? 0} to ${counts[name]}:`);
    for (const at of places[name]) console.log(`  ${at}`);
  }
  return risen.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv[2]);
}
