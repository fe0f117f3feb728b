import { join } from 'node:path';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { JsonFile, createNodeHost, createUpstream, startReceiver } from '../node';
import { startServer, type HostServer } from './server';

export interface BrowserHostOptions {
  readonly rendererDir: string;
  readonly userDir: string;
  readonly version: string;
  /** A port of 127.0.0.1; else the one of last time: working copies belong to an origin. */
  readonly port?: number;
  readonly open?: readonly string[];
}

export interface BrowserHost {
  readonly url: string;
  close(): Promise<void>;
}

const schema = z.object({ port: z.number().int().min(1).max(65_535) });

/** The workbench for a browser on this machine. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const { rendererDir, userDir, version } = options;
  const host = createNodeHost({
    kind: 'browser',
    version,
    userDir,
    can: ['path-access'],
    makeUpstream: createUpstream,
    startReceiver,
  });
  host.openPaths(options.open ?? []);
  const remembered = new JsonFile<{ port: number } | undefined>(
    join(userDir, 'browser-host.json'),
    (value) => schema.parse(value),
    undefined,
  );
  const start = (port: number): Promise<HostServer> =>
    startServer({ rendererDir, port, api: host.api, onEvent: host.onEvent });
  const server = await startOn(options.port, remembered.read()?.port, start);
  if (options.port === undefined || options.port !== 0) remembered.write({ port: server.port });
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await host.close();
    },
  };
}

/** A port that was asked for must be had; the remembered one gives way to a free one. */
async function startOn(
  asked: number | undefined,
  remembered: number | undefined,
  start: (port: number) => Promise<HostServer>,
): Promise<HostServer> {
  if (asked !== undefined) return start(asked);
  if (remembered === undefined) return start(0);
  try {
    return await start(remembered);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    return start(0);
  }
}
