import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
// electron-builder's own reading and checking of its configuration, offline.
const builder = createRequire(
  createRequire(import.meta.url).resolve('electron-builder/package.json'),
);
const config = builder('app-builder-lib/out/util/config/config') as ConfigModule;
const { DebugLogger } = builder('builder-util') as { DebugLogger: new (on: boolean) => object };

interface Packaging {
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly files: readonly { readonly filter: readonly string[] }[];
  readonly fileAssociations: readonly { readonly ext: string }[];
  readonly linux: { readonly target: unknown };
  readonly mac: { readonly target: unknown };
  readonly win: { readonly target: unknown };
}

interface ConfigModule {
  getConfig(folder: string, file: string, cli: null): Promise<Packaging>;
  validateConfiguration(config: Packaging, logger: object): Promise<void>;
}

it('packages for three systems, with the fuses of the security baseline', async () => {
  const packaging = await config.getConfig(root, 'electron-builder.yml', null);
  await config.validateConfiguration(packaging, new DebugLogger(false));
  expect(packaging.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
  expect(packaging.files.flatMap(({ filter }) => filter)).toContain('!**/node_modules/**');
  expect(packaging.fileAssociations.map(({ ext }) => ext)).toEqual(['faultline']);
  expect(packaging.linux.target).toEqual(['AppImage', 'deb', 'tar.gz']);
  expect(packaging.mac.target).toEqual(['dmg', 'zip']);
  expect(packaging.win.target).toEqual(['nsis']);
});
