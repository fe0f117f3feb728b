import { asFaultlineError, isCancelled, throwIfAborted } from '../base';
import type { Notice } from '../model';
import type { ArchiveListing } from './containers/archive';
import { SourceDamage } from './containers/damage';
import { RewindingBytes } from './containers/random';
import { isTar, listTar } from './containers/tar';
import { isZip, listZip } from './containers/zip';
import type { ByteSource, FileFormat, FileReport, Head, ListedFile } from './format';
import { isAnswerName } from './import-answers';
import { OpenedSource, chunksOf, decompressed } from './import-bytes';
import { placeOfSource } from './import-place';

/** Archives within archives that are opened. */
const DEPTH = 4;

export interface Prepared {
  /** What is read one by one: files, members of archives, and several files as one. */
  readonly sources: readonly ByteSource[];
  /** About archives with something that could not be read. */
  readonly reports: readonly FileReport[];
}

/**
 * Opens archives (by content) into their members and puts together what a format reads as one. Nothing is
 * unpacked: members are read where they are. An archive that was cut gives the members before the cut.
 */
export async function prepareSources(
  given: readonly ByteSource[],
  formats: readonly FileFormat[],
  signal: AbortSignal,
): Promise<Prepared> {
  const sources: ByteSource[] = [];
  const reports: FileReport[] = [];
  for (const source of given) {
    throwIfAborted(signal);
    for await (const leaf of leaves(source, signal, reports, 0)) sources.push(leaf);
  }
  return { sources: await grouped(sources, formats, signal), reports };
}

async function* leaves(
  source: ByteSource,
  signal: AbortSignal,
  reports: FileReport[],
  depth: number,
): AsyncGenerator<ByteSource> {
  if (source.parts || isAnswerName(source.name)) {
    yield source;
    return;
  }
  const archive = depth < DEPTH ? await archiveOf(source, signal) : undefined;
  if (!archive) {
    yield source;
    return;
  }
  const { kind, entries, notices } = archive;
  if (notices.length > 0 || entries.length === 0) reports.push(aboutArchive(source, kind, archive));
  for (const entry of entries) {
    const name = `${source.name}/${entry.name}`;
    const member = { ...entry, name, given: source.given ?? [source.name] };
    yield* leaves(member, signal, reports, depth + 1);
  }
}

interface Archive extends ArchiveListing {
  readonly kind: 'zip' | 'tar';
}

async function archiveOf(source: ByteSource, signal: AbortSignal): Promise<Archive | undefined> {
  let head: Head;
  let plain: boolean;
  let opened: OpenedSource | undefined;
  try {
    opened = await OpenedSource.open(source, signal);
    plain = opened.compression === '';
    head = await opened.head();
  } catch (error) {
    if (isCancelled(error)) throw error;
    // It is reported when it is read.
    return undefined;
  } finally {
    await opened?.close();
  }
  const kind = isZip(head.bytes) ? 'zip' : isTar(head.bytes) ? 'tar' : undefined;
  if (!kind) return undefined;
  const random = plain && source.read !== undefined && source.size !== undefined;
  const bytes = random
    ? { size: source.size, read: source.read }
    : new RewindingBytes(() => decompressed(source, signal), signal);
  if (kind === 'tar') return { kind, ...(await listTar(bytes, random)) };
  const size = random ? source.size : await lengthOf(source, signal);
  const sized = { size, read: (offset: number, n: number) => bytes.read(offset, n) };
  return { kind, ...(await listZip(sized, random, signal)) };
}

async function lengthOf(source: ByteSource, signal: AbortSignal): Promise<number> {
  let length = 0;
  try {
    for await (const chunk of chunksOf(decompressed(source, signal), signal))
      length += chunk.length;
  } catch (error) {
    if (!(error instanceof SourceDamage)) throw error;
  }
  return length;
}

function aboutArchive(
  source: ByteSource,
  kind: 'zip' | 'tar',
  { entries, notices }: ArchiveListing,
): FileReport {
  const empty: Notice = {
    code: 'archive-empty',
    severity: 'warning',
    count: 1,
    message: 'The archive has no file that can be read.',
  };
  return {
    ...placeOfSource(source),
    format: null,
    title: kind === 'zip' ? 'Zip archive' : 'Tar archive',
    why: `Its ${entries.length} files are read one by one.`,
    parts: [],
    notices: entries.length === 0 ? [...notices, empty] : notices,
    state: entries.length === 0 ? 'failed' : 'skipped',
  };
}

/** Files that a format claims together become one source; the first format that claims a file has it. */
async function grouped(
  sources: readonly ByteSource[],
  formats: readonly FileFormat[],
  signal: AbortSignal,
): Promise<readonly ByteSource[]> {
  let left: readonly ByteSource[] = sources;
  for (const format of formats) {
    if (!format.group || left.length < 2) continue;
    const byName = new Map(left.map((source) => [source.name, source]));
    const listed = left.filter(({ parts }) => !parts).map((source) => listedFile(source, signal));
    for (const { name, files, why } of await format.group(listed, signal)) {
      const parts = files.flatMap((file) => byName.get(file) ?? []);
      const [first] = parts;
      if (!first) continue;
      const one = together(name, parts, { format: format.id, why });
      const at = left.indexOf(first);
      const rest = left.filter((source) => !parts.includes(source));
      left = [...rest.slice(0, at), one, ...rest.slice(at)];
    }
  }
  return left;
}

function listedFile(source: ByteSource, signal: AbortSignal): ListedFile {
  let head: Promise<Head> | undefined;
  const open = async (): Promise<Head> => {
    let opened: OpenedSource | undefined;
    try {
      opened = await OpenedSource.open(source, signal);
      return await opened.head();
    } catch (error) {
      if (isCancelled(error)) throw error;
      // What can't be opened has an empty head: no group wants it, and its own card says why.
      asFaultlineError(error);
      return { name: source.name, bytes: new Uint8Array(), text: '' };
    } finally {
      await opened?.close();
    }
  };
  return { name: source.name, size: source.size, head: () => (head ??= open()) };
}

function together(
  name: string,
  parts: readonly ByteSource[],
  grouping: { readonly format: string; readonly why: string },
): ByteSource {
  const known = parts.every(({ size }) => size !== undefined);
  const stream = (): ReadableStream<Uint8Array> => {
    const left = [...parts];
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        for (;;) {
          reader ??= left.shift()?.stream().getReader();
          if (!reader) return controller.close();
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          reader = undefined;
        }
      },
      async cancel() {
        await reader?.cancel();
      },
    });
  };
  const size = known ? parts.reduce((sum, part) => sum + (part.size ?? 0), 0) : undefined;
  const given = [...new Set(parts.flatMap((part) => part.given ?? [part.name]))];
  return { name, size, stream, parts, grouping, given };
}
