// Imports run one way (docs/ARCHITECTURE.md). Default deny: what no line allows is an error.
const allow = (from, to) => ({ from: { path: from }, to: { path: to } });
const faces = (modules) => `^core/(${modules})/(queries/)?index\\.ts$`;
module.exports = {
  allowedSeverity: 'error',
  allowed: [
    // inside one module, freely
    {
      from: {
        path: '^(core/[^/]+|connectors/[^/]+|app/renderer/panels/[^/]+|app/renderer/[^/]+|app/[^/]+|bench|e2e)/',
      },
      to: { path: '^$1/', pathNot: '^app/renderer/panels/' },
    },
    { from: { path: '^(app/renderer/panels/[^/]+)/' }, to: { path: '^$1/' } },
    // core, downwards only, through faces
    allow('^core/(?!base)[^/]+/', faces('base')),
    allow('^core/(host|connect|store|analysis|simulate|session)/', faces('model')),
    allow('^core/session/', faces('host|connect|store|analysis|simulate')),
    // evaluation scores the product; nothing of the product reads it (forbidden, below)
    allow('^core/evaluate/', faces('base|model|connect|store|analysis|simulate|session')),
    // connectors see the seam, never each other
    allow('^connectors/[^/]+/', faces('base|model|connect')),
    allow('^connectors/[^/]+/', '^core/connect/testing/'),
    allow('^connectors/(index|formats)\\.ts$', '^connectors/[^/]+/index\\.ts$'),
    allow('^connectors/(index|formats)\\.ts$', faces('connect')),
    allow('^connectors/index\\.ts$', '^connectors/formats\\.ts$'),
    // processes
    allow('^app/workers/', `${faces('[^/]+')}|^connectors/index\\.ts$`),
    allow('^app/renderer/', `${faces('base|model|host')}|^app/workers/index\\.ts$`),
    {
      from: { path: '^app/renderer/' },
      to: { path: faces('session|store|connect'), dependencyTypes: ['type-only'] },
    },
    allow('^app/renderer/panels/[^/]+/', '^app/renderer/(state|ui)/index\\.ts$'),
    allow(
      '^app/renderer/(shell|dialogs|start)/',
      '^app/renderer/(state|ui|dialogs|start)/index\\.ts$',
    ),
    allow('^app/renderer/shell/', '^app/renderer/panels/[^/]+/index\\.tsx?$'),
    allow('^app/renderer/ui/', '^app/renderer/state/index\\.ts$'),
    allow('^app/renderer/main\\.tsx$', '^app/renderer/(shell|state|ui)/index\\.ts$'),
    allow('^app/node/', faces('base|model|host|connect|store')),
    allow('^app/(main|host)/', `${faces('base|host')}|^app/node/(index|host)\\.ts$`),
    allow('^app/cli/', `${faces('[^/]+')}|^connectors/index\\.ts$|^app/(node|host)/index\\.ts$`),
    allow('^bench/', '^core/connect/testing/|^scripts/servers/index\\.mjs$'),
    allow('^bench/', `${faces('[^/]+')}|^connectors/index\\.ts$|^app/node/index\\.ts$`),
    // contract suites run on the implementations of a seam
    allow('\\.test\\.tsx?$', '^core/[^/]+/(testing/.+|index)\\.ts$|^connectors/|^scripts/|^app/'),
    allow('/testing/', '^core/[^/]+/index\\.ts$|^scripts/'),
    // The contract of a connector that runs on several servers stands in a file of its own.
    allow('^connectors/[^/]+/testing/', '^app/node/(index|replay)\\.ts$'),
    allow('^e2e/', '^scripts/|^core/host/(testing/.+|index)\\.ts$'),
    // The small servers that stand in where no real one can be had.
    allow('^e2e/', '^connectors/[^/]+/testing/[a-z]+-api\\.ts$'),
    allow(
      '^playwright\\.config\\.ts$',
      '^e2e/fixtures/|^app/cli/detect-electron\\.ts$|node_modules',
    ),
    // the pinned Electron is found in one way only
    allow('^e2e/', '^app/cli/detect-electron\\.ts$'),
    // set-up and commands: plain Node
    allow('^(scripts|bin)/', '^scripts/'),
    // not there before the first build
    allow('^bin/', 'dist/cli/'),
    { from: { path: '^(scripts|bin)/' }, to: { dependencyTypes: ['core'] } },
    { from: { path: '^scripts/' }, to: { path: 'node_modules' } },
    // npm and node
    { from: { path: '^(core|connectors|app|bench|e2e)/' }, to: { path: 'node_modules' } },
    {
      from: {
        path: '^(app/(main|host|cli|node)|bench|e2e)/|\\.test\\.tsx?$|/testing/',
      },
      to: { dependencyTypes: ['core'] },
    },
    allow('^app/renderer/', '\\.(css|svg|woff2)$'),
    allow('^app/workers/', '^@duckdb/duckdb-wasm/dist/[a-z.-]+\\?url$'),
  ],
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'evaluation-stays-outside-the-product',
      severity: 'error',
      from: { pathNot: '^core/evaluate/|^app/cli/commands/bench|^bench/|\\.test\\.ts$' },
      to: { path: '^core/evaluate/' },
    },
    {
      name: 'electron-only-in-main',
      severity: 'error',
      from: { pathNot: '^(app/main|scripts/electron-test)/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'duckdb-wasm-only-in-workers',
      severity: 'error',
      from: { pathNot: '^app/workers/' },
      to: { path: '@duckdb/duckdb-wasm/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    // Packages such as @bufbuild/protobuf have their inner doors only in "exports".
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
