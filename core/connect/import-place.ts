import type { ByteSource, FileReport } from './format';

/** What a report says of its source: where it is, and how large. */
export function placeOfSource({
  name,
  given,
  size,
}: ByteSource): Pick<FileReport, 'path' | 'given' | 'size'> {
  return { path: name, ...(given ? { given } : {}), size: size ?? null };
}
