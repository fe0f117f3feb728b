import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type ElectronState =
  | { readonly state: 'present'; readonly exe: string }
  | { readonly state: 'absent' | 'stale' | 'broken'; readonly reason: string };

const EXECUTABLE: Readonly<Record<string, string>> = {
  linux: 'electron',
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/** What Electron needs besides its binary. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Of the user; undefined on Windows. */
  readonly uid: number | undefined;
  readonly hasDisplay: boolean;
}

/** Why Electron can't be started here, whether its binary is there or not; undefined where it can. */
export function whyNoElectron({ platform, uid, hasDisplay }: Surroundings): string | undefined {
  if (!hasDisplay) return 'there is no display';
  // Without its sandbox it is not what we ship.
  if (platform === 'linux' && uid === 0) return "Electron's sandbox refuses to run as root";
  return undefined;
}

/**
 * Is the pinned Electron's binary there and does it start? Never imports `electron`: that would begin a
 * download, which hangs where the network swallows packets.
 */
export function detectElectron(root: string): ElectronState {
  let manifest: string;
  try {
    manifest = createRequire(join(root, 'x.js')).resolve('electron/package.json');
  } catch {
    return { state: 'absent', reason: 'the package electron is not installed' };
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const dist = override ?? join(dirname(manifest), 'dist');
  const exe = join(dist, EXECUTABLE[process.platform] ?? 'electron');
  if (!existsSync(exe)) {
    return {
      state: 'absent',
      reason: "Electron's binary is not there (npx install-electron fetches it)",
    };
  }
  if (override === undefined) {
    const stamp = join(dist, 'version');
    const found = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim().replace(/^v/, '') : '';
    if (found !== version)
      return {
        state: 'stale',
        reason: `Electron's binary is ${found || 'unmarked'}, not ${version}`,
      };
  }
  const probe = spawnSync(exe, ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeout: 15_000,
    encoding: 'utf8',
  });
  if (probe.status === 0 && /^\d+\./.test(probe.stdout)) return { state: 'present', exe };
  const why = (probe.stderr ?? '').split('\n')[0] ?? '';
  return {
    state: 'broken',
    reason: `Electron does not start: ${why.trim() || `exit ${probe.status}`}`,
  };
}
