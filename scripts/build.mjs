// Builds dist/: the renderer, the browser host and command line, Electron's main and preload.
// node scripts/build.mjs [renderer|cli|main …]
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './paths.mjs';

const { build } = await import('vite');
const react = (await import('@vitejs/plugin-react')).default;

const GROUPS = [
  { name: 'echarts', test: /node_modules[\\/](echarts|zrender)/ },
  { name: 'graph', test: /node_modules[\\/](cytoscape|dagre|@dagrejs)/ },
  { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
  {
    name: 'ui',
    test: /node_modules[\\/](react-aria|react-stately|@react|@internationalized|flexlayout)/,
  },
  { name: 'editor', test: /node_modules[\\/](@codemirror|@lezer)/ },
];

const renderer = () => ({
  configFile: false,
  logLevel: 'warn',
  root: resolve(root, 'app/renderer'),
  base: './',
  plugins: [react()],
  html: { cspNonce: '__NONCE__' },
  worker: { format: 'es' },
  build: {
    outDir: resolve(root, 'dist/renderer'),
    emptyOutDir: true,
    target: 'chrome108',
    assetsInlineLimit: 0,
    sourcemap: true,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
});

/** A Node bundle: packages stay outside, except in Electron's main, which ships without node_modules. */
const node = (entry, out, { format, target, bundle = false, external = [] }) => ({
  configFile: false,
  logLevel: 'warn',
  root,
  build: {
    outDir: resolve(root, out),
    emptyOutDir: true,
    target,
    sourcemap: true,
    minify: false,
    ssr: true,
    rolldownOptions: {
      input: Object.fromEntries(
        Object.entries(entry).map(([name, file]) => [name, resolve(root, file)]),
      ),
      external,
      output: {
        format,
        entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].mjs',
        chunkFileNames: format === 'cjs' ? '[name].cjs' : '[name].mjs',
      },
    },
  },
  ssr: bundle ? { noExternal: true, external } : {},
});

const electron = (name, { emptyOutDir }) => {
  const config = node({ [name]: `app/main/${name}.ts` }, 'dist/main', {
    format: 'cjs',
    target: 'node16',
    bundle: true,
    external: ['electron'],
  });
  config.build.emptyOutDir = emptyOutDir;
  config.build.rolldownOptions.output.codeSplitting = false;
  return config;
};

const PARTS = {
  renderer: { entry: 'app/renderer/main.tsx', config: renderer },
  cli: {
    entry: 'app/cli/main.ts',
    config: () =>
      node({ faultline: 'app/cli/main.ts' }, 'dist/cli', { format: 'es', target: 'node20' }),
  },
  bench: {
    entry: 'bench/rca.main.ts',
    config: () =>
      node({ rca: 'bench/rca.main.ts' }, 'dist/bench', { format: 'es', target: 'node20' }),
  },
  main: {
    entry: 'app/main/main.ts',
    // Two builds: a sandboxed preload is one file and can require nothing of ours.
    config: () => [
      electron('main', { emptyOutDir: true }),
      electron('preload', { emptyOutDir: false }),
    ],
  },
};

const asked = process.argv.slice(2);
for (const [name, { entry, config }] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  if (!existsSync(resolve(root, entry))) continue;
  const started = performance.now();
  for (const one of [config()].flat()) await build(one);
  console.error(`built ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
if (asked.length === 0) {
  rmSync(resolve(root, 'dist/.stamp'), { force: true });
}
