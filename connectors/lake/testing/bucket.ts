import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** S3Proxy's buckets are the folders of its data. */
export function makeBucket({ data }: { readonly data: string }, name: string): void {
  mkdirSync(join(data, name));
}
