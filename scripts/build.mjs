// Builds dist/: the renderer, the browser host and command line, Electron's main and preload.
// node scripts/build.mjs [renderer|cli|bench|formats|main …]
import { resolve } from 'node:path';
import { root } from './paths.mjs';
import { ENTRIES, existingParts, sourceDigest, stampBuilt, unstamp } from './setup/built.mjs';

const { build } = await import('vite');
const react = (await import('@vitejs/plugin-react')).default;

const GROUPS = [
  { name: 'echarts', test: /node_modules[\\/](echarts|zrender)/ },
  { name: 'graph', test: /node_modules[\\/]cytoscape/ },
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

const CONFIGS = {
  renderer,
  cli: () => node({ faultline: ENTRIES.cli }, 'dist/cli', { format: 'es', target: 'node20' }),
  bench: () =>
    node(
      {
        bench: ENTRIES.bench,
        explain: 'bench/explain.main.ts',
        'rca-metrics': 'bench/rca-metrics.main.ts',
        'scale-run': 'bench/scale-run.main.ts',
        'reader-run': 'bench/reader-run.main.ts',
      },
      'dist/bench',
      {
        format: 'es',
        target: 'node20',
      },
    ),
  formats: () =>
    node({ formats: ENTRIES.formats, fuzz: 'bench/fuzz.main.ts' }, 'dist/formats', {
      format: 'es',
      target: 'node20',
    }),
  // Two builds: a sandboxed preload is one file and can require nothing of ours.
  main: () => [
    electron('main', { emptyOutDir: true }),
    electron('preload', { emptyOutDir: false }),
  ],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !Object.hasOwn(CONFIGS, part));
if (unknown.length > 0) {
  console.error(`No part ${unknown.join(', ')}; there are ${Object.keys(CONFIGS).join(', ')}.`);
  process.exit(2);
}
for (const part of existingParts()) {
  if (asked.length > 0 && !asked.includes(part)) continue;
  const started = performance.now();
  const digest = sourceDigest();
  unstamp(part);
  try {
    for (const config of [CONFIGS[part]()].flat()) await build(config);
  } catch (error) {
    console.error(`${part} does not build: ${error.message}`);
    process.exit(1);
  }
  stampBuilt(part, digest);
  console.error(`built ${part} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
