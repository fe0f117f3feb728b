// Stands in for the default_app that this Electron's package lacks: electron [-r module]… path [args…]
const { app } = require('electron');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const required = [];
let file;
const argv = process.argv.slice(1);
for (let i = 0; i < argv.length && file === undefined; i++) {
  if (argv[i] === '-r' || argv[i] === '--require') required.push(path.resolve(argv[++i]));
  else if (!argv[i].startsWith('-')) file = path.resolve(argv[i]);
}
if (file === undefined) {
  console.error('usage: electron [-r module] path [args]');
  process.exit(2);
}
Module._preloadModules(required);

let main = file;
if (fs.statSync(file).isDirectory()) {
  const manifest = JSON.parse(fs.readFileSync(path.join(file, 'package.json'), 'utf8'));
  main = path.join(file, manifest.main ?? 'index.js');
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version ?? '0.0.0');
  app.setAppPath(file);
} else {
  app.setAppPath(path.dirname(file));
}
Module._load(main, Module, true);
