import { FaultlineError, throwIfAborted } from '../base';
import type { ByteSource, Upstream } from '../connect';
import type { HostApi } from '../host';
import type { InputFile } from './api';

const CHUNK = 4 << 20;

/** Bytes of a file that the page holds (dropped, picked) or that the host can read. */
export function byteSource(file: InputFile, host: HostApi): ByteSource {
  if (file.kind === 'blob') {
    const { blob, name } = file;
    const read = async (offset: number, length: number): Promise<Uint8Array> =>
      new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    const modifiedMs = blob instanceof File ? blob.lastModified : undefined;
    return { name, size: blob.size, modifiedMs, stream: () => blob.stream(), read };
  }
  const { path, name, size, modifiedMs } = file;
  const stream = (): ReadableStream<Uint8Array> => {
    let offset = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = await host.read(path, offset, CHUNK);
        offset += chunk.length;
        if (chunk.length > 0) controller.enqueue(chunk);
        if (chunk.length < CHUNK) controller.close();
      },
    });
  };
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    host.read(path, offset, length);
  return { name, size, modifiedMs, stream, read };
}

/** A folder stands for the files in it. */
export async function expandFolders(
  files: readonly InputFile[],
  host: HostApi,
): Promise<readonly InputFile[]> {
  const out: InputFile[] = [];
  for (const file of files) {
    if (file.kind === 'blob') {
      out.push(file);
      continue;
    }
    const refs = await host.list(file.path);
    const folder = refs.length !== 1 || refs[0]?.path !== file.path;
    for (const ref of refs) {
      const name = folder ? ref.path.slice(file.path.length).replace(/^[/\\]/, '') : file.name;
      out.push({
        kind: 'path',
        name,
        path: ref.path,
        size: ref.size,
        modifiedMs: ref.modifiedMs,
      });
    }
  }
  return out;
}

export async function* chunksOf(
  source: ByteSource,
  signal?: AbortSignal,
): AsyncIterable<Uint8Array> {
  const reader = source.stream().getReader();
  for (;;) {
    throwIfAborted(signal);
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

let requests = 0;

/** A connection's HTTP through the host half, which holds the address and the credentials. */
export function hostUpstream(host: HostApi, connectionId: string): Upstream {
  return {
    async send(request, signal) {
      throwIfAborted(signal);
      const requestId = `${connectionId}/${++requests}`;
      const abort = (): void => void host.upstreamAbort(requestId).catch(() => undefined);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        return await host.upstream({ ...request, connectionId, requestId });
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
  };
}

/** Writes chunks to a path, atomically: the target is replaced only by a whole new file. */
export async function writeThroughHost(
  host: HostApi,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<{ readonly path: string; readonly size: number }> {
  const handle = await host.writeBegin(path);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await host.writeChunk(handle, chunk);
      bytes += chunk.length;
      onBytes(bytes);
    }
    const ref = await host.writeCommit(handle);
    return { path: ref.path, size: ref.size };
  } catch (error) {
    await host.writeAbort(handle).catch(() => undefined);
    throw error instanceof FaultlineError
      ? error
      : new FaultlineError('host/io', `The case could not be written to ${path}.`, {
          cause: error,
        });
  }
}
