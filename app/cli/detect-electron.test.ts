import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNoElectron } from './detect-electron';
import { startCli } from './testing/built-cli';

describe('where Electron can run', () => {
  it('needs a display, and on Linux a user that its sandbox takes', () => {
    const user = { platform: 'linux', uid: 1000, hasDisplay: true } as const;
    expect(whyNoElectron(user)).toBeUndefined();
    expect(whyNoElectron({ ...user, hasDisplay: false })).toBe('there is no display');
    expect(whyNoElectron({ ...user, uid: 0 })).toContain('root');
    expect(whyNoElectron({ ...user, platform: 'darwin', uid: 0 })).toBeUndefined();
    expect(whyNoElectron({ ...user, platform: 'win32', uid: undefined })).toBeUndefined();
  });

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'gives root the browser host and says why',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'faultline-open-'));
      const cli = await startCli(['open'], {
        DISPLAY: ':0',
        FAULTLINE_USER_DIR: folder,
        FAULTLINE_CHROMIUM: join(folder, 'none'),
      });
      for (let i = 0; !cli.stdout().includes('http://127.0.0.1') && i < 300; i++) {
        await new Promise((done) => setTimeout(done, 100));
      }
      expect(cli.stderr()).toContain(
        "Browser host, because Electron's sandbox refuses to run as root.",
      );
      cli.child.kill('SIGINT');
      expect((await cli.ended).stdout).toContain('http://127.0.0.1');
      rmSync(folder, { recursive: true });
    },
  );
});
