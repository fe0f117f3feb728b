import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostClient, type HostBridge } from '..';
import { startBackend, type TestBackend } from './backend';
import { HOST_CONTRACT } from './contract';

export interface HostUnderTest {
  readonly bridge: HostBridge;
  close(): Promise<void>;
}

/** The contract of a host, through whatever way the bridge takes. */
export function describeHost(
  name: string,
  open: (folders: { readonly userDir: string; readonly opened: string }) => Promise<HostUnderTest>,
): void {
  describe(`host: ${name}`, () => {
    const root = mkdtempSync(join(tmpdir(), 'faultline-host-'));
    const userDir = join(root, 'user');
    const folder = join(root, 'opened');
    let subject: HostUnderTest;
    let backend: TestBackend;

    beforeAll(async () => {
      for (const path of [userDir, folder]) mkdirSync(path);
      [subject, backend] = await Promise.all([open({ userDir, opened: folder }), startBackend()]);
    });
    afterAll(async () => {
      await subject.close();
      await backend.close();
      rmSync(root, { recursive: true, force: true });
    });

    it.each(HOST_CONTRACT)('$name', async ({ run }) => {
      const { bridge } = subject;
      const world = { host: createHostClient(bridge), bridge, folder, userDir, backend };
      await expect(run(world)).resolves.toBeUndefined();
    });
  });
}
