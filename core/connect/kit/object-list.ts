import { FaultlineError } from '../../base';

/** One page of a bucket's list. Keys are below the root that the bucket's half was opened at. */
export interface ObjectList {
  readonly objects: readonly { key: string; size: number; etag: string }[];
  /** Each with a slash at its end; empty where no delimiter was asked for. */
  readonly folders: readonly string[];
  /** Asks for the page after this one. */
  readonly next?: string;
}

/** A key as the path of a request. */
export const objectPath = (key: string): string =>
  `/${key.split('/').map(encodeURIComponent).join('/')}`;

/** A page of ListObjectsV2. The root of the lake is what its prefix has before the one that was asked for. */
export function readObjectList(xml: string, asked: string): ObjectList {
  const isUrl = xmlText(xml, 'EncodingType') === 'url';
  const plain = (text: string): string =>
    isUrl ? decodeURIComponent(text.replaceAll('+', '%20')) : text;
  const said = plain(xmlText(xml.replace(/<Contents>.*<\/Contents>/s, ''), 'Prefix') ?? '');
  if (!said.endsWith(asked)) {
    const why = 'The list of objects is not of what was asked for. Is this an S3 server?';
    throw new FaultlineError('connector/bad-answer', why);
  }
  const root = said.length - asked.length;
  const below = (text: string | undefined): string => plain(text ?? '').slice(root);
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, of = '']) => ({
    key: below(xmlText(of, 'Key')),
    size: Number(xmlText(of, 'Size') ?? 0),
    etag: xmlText(of, 'ETag') ?? '',
  }));
  const folders = [...xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].map(
    ([, of = '']) => below(xmlText(of, 'Prefix')),
  );
  return { objects, folders, next: xmlText(xml, 'NextContinuationToken') };
}

/** The text of an element's first occurrence in what S3 answers. */
export function xmlText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(
    /&(lt|gt|quot|apos|amp|#(\d+)|#x([0-9a-f]+));/gi,
    (all, word: string, dec?: string, hex?: string) =>
      dec !== undefined || hex !== undefined
        ? String.fromCodePoint(dec === undefined ? Number.parseInt(hex ?? '', 16) : Number(dec))
        : (ENTITIES[word.toLowerCase()] ?? all),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};
