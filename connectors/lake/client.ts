import { FaultlineError } from '../../core/base';
import {
  RetryCount,
  objectPath,
  readObjectList,
  send,
  type ByteSource,
  type ConnectorEnv,
  type ObjectList,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../../core/connect';
import type { LakeFile } from './layout';

/** What was asked of the lake so far. */
export interface Traffic {
  requests: number;
  /** Of objects; lists do not count. */
  bytes: number;
}

/**
 * A lake over S3's REST API (docs.aws.amazon.com/AmazonS3/latest/API: ListObjectsV2 and GetObject with Range and
 * If-Match), which the host's half speaks for a bucket and for a folder. Keys are below the lake's root.
 */
export class LakeClient {
  readonly retries = new RetryCount();
  readonly traffic: Traffic = { requests: 0, bytes: 0 };

  constructor(private readonly env: ConnectorEnv) {}

  /** What begins with `prefix`: all of it, or the folder's own files and folders. */
  async list(
    prefix: string,
    deep: boolean,
    signal: AbortSignal,
  ): Promise<Pick<ObjectList, 'objects' | 'folders'>> {
    const objects: { key: string; size: number; etag: string }[] = [];
    const folders: string[] = [];
    let token: string | undefined;
    do {
      const query: [string, string][] = [
        ['list-type', '2'],
        ['encoding-type', 'url'],
        ['prefix', prefix],
      ];
      if (!deep) query.push(['delimiter', '/']);
      if (token !== undefined) query.push(['continuation-token', token]);
      const answer = await this.ask({ method: 'GET', path: '/', query }, isWholeList, signal);
      const page = readObjectList(new TextDecoder().decode(answer.body), prefix);
      objects.push(...page.objects);
      folders.push(...page.folders);
      token = page.next;
    } while (token !== undefined);
    return { objects, folders };
  }

  /** An object's text; undefined where there is none. */
  async text(key: string, signal: AbortSignal): Promise<string | undefined> {
    const request = { method: 'GET', path: objectPath(key) } as const;
    const answer = await this.ask(request, isWholeObject, signal, [404]);
    if (answer.status === 404) return undefined;
    this.traffic.bytes += answer.body.length;
    return new TextDecoder().decode(answer.body);
  }

  /**
   * A file whose bytes are read where they are wanted; one of at most `tail` bytes comes whole with its footer. Reads
   * reject with 'connector/refused' where the object has changed since it was listed.
   */
  source(file: LakeFile, tail: number, signal: AbortSignal): ByteSource {
    let whole: Uint8Array | undefined;
    return {
      name: file.key,
      size: file.size,
      stream: () => {
        throw new FaultlineError('internal', 'A file of the lake is read in pieces.');
      },
      read: async (offset, length) => {
        if (length <= 0) return new Uint8Array();
        if (file.size > tail) return this.range(file, offset, length, signal);
        whole ??= await this.range(file, 0, file.size, signal);
        return whole.subarray(offset, offset + length);
      },
    };
  }

  private async range(
    { key, size, etag }: LakeFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}`, 'if-match': etag };
    const whole = ({ status, body }: UpstreamResponse): boolean =>
      body.length === (status === 206 ? length : size);
    const request = { method: 'GET', path: objectPath(key), headers } as const;
    const { status, body } = await this.ask(request, whole, signal);
    this.traffic.bytes += body.length;
    return status === 206 ? body : body.subarray(offset, offset + length);
  }

  /** An answer that is cut short is asked for again. */
  private async ask(
    request: UpstreamRequest,
    isWhole: (response: UpstreamResponse) => boolean,
    signal: AbortSignal,
    accept: readonly number[] = [],
  ): Promise<UpstreamResponse> {
    const upstream = {
      send: async (asked: UpstreamRequest, until?: AbortSignal) => {
        this.traffic.requests++;
        const response = await this.env.upstream.send(asked, until);
        if (response.status < 200 || response.status >= 300 || isWhole(response)) return response;
        const why = `The answer of ${asked.path} ended in the middle.`;
        throw new FaultlineError('connector/unreachable', why, { retryable: true });
      },
    };
    const options = { signal, retries: this.retries, accept, bytes: true };
    return send({ ...this.env, upstream }, request, options);
  }
}

const isWholeList = ({ body }: UpstreamResponse): boolean =>
  /<\/ListBucketResult>\s*$/.test(new TextDecoder().decode(body.subarray(-64)));

const isWholeObject = ({ body, headers }: UpstreamResponse): boolean => {
  const length = headers['content-length'];
  return length === undefined || body.length === Number(length);
};
