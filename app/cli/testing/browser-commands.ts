import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserCommand } from 'vitest/node';
import { builtCli } from './built-cli';

const run = promisify(execFile);

/**
 * What browser tests ask of the native engine: `faultline ARGS --json`, with CASE standing for a file of
 * these bytes (base64). The file comes back with the document.
 */
export const faultline: BrowserCommand<[args: readonly string[], bytes?: string]> = async (
  _context,
  args,
  bytes,
) => {
  const dir = await mkdtemp(join(tmpdir(), 'faultline-browser-'));
  const file = join(dir, 'case.faultline');
  try {
    if (bytes !== undefined) await writeFile(file, Buffer.from(bytes, 'base64'));
    const words = args.map((arg) => (arg === 'CASE' ? file : arg));
    const all = [await builtCli(), ...words, '--json'];
    const { stdout } = await run(process.execPath, all, { maxBuffer: 1 << 28 });
    const document: unknown = JSON.parse(stdout);
    return { document, bytes: (await readFile(file)).toString('base64') };
  } finally {
    await rm(dir, { recursive: true });
  }
};
