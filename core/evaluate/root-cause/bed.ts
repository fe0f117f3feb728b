import type { ByteSource, FileFormat } from '../../connect';
import { importFiles } from '../../session';
import type { CaseStore } from '../../store';

/** What the shell gives: somewhere to put a case, and the formats that fill it. */
export interface CaseBed {
  /** Makes an empty case, fills it, works on it and throws it away. Beds may keep filled cases by `key`. */
  withCase<T>(
    key: string,
    fill: (store: CaseStore) => Promise<void>,
    work: (store: CaseStore) => Promise<T>,
  ): Promise<T>;
  readonly formats: readonly FileFormat[];
}

/** Texts of a case's files by name, decompressed, the answers not among them. */
export type CaseTexts = ReadonlyMap<string, string>;

/** Imports a case as a person would, with the product's own readers. */
export async function importTexts(
  store: CaseStore,
  texts: CaseTexts,
  formats: readonly FileFormat[],
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const sources = [...texts].map(([name, text]) => textSource(name, text));
  await importFiles(store, sources, 1n, { formats, signal });
}

function textSource(name: string, text: string): ByteSource {
  const bytes = new TextEncoder().encode(text);
  return {
    name: name.replace(/\.gz$/, ''),
    size: bytes.length,
    stream: () => new Blob([bytes]).stream(),
  };
}
