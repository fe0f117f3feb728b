import { describe, expect, it } from 'vitest';
import { signAws } from './aws-signature';
import type { HttpRequest } from './http-client';

const signatureOf = ({ headers }: HttpRequest): string =>
  /Signature=(\w+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';

/** From AWS's signing test suite (github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4). */
describe("a signature of version 4, by AWS's own test suite", () => {
  const scope = { region: 'us-east-1', service: 'service' };
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  };
  const at = new Date('2015-08-30T12:36:00Z');
  const sign = (path: string, more: Partial<HttpRequest> = {}, sessionToken?: string) =>
    signAws(
      { url: `https://example.amazonaws.com${path}`, method: 'GET', headers: {}, ...more },
      scope,
      { ...credentials, sessionToken },
      at,
    );

  it.each([
    ['get-vanilla-empty-query-key', '/?Param1=value1', 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb'],
    ['get-vanilla-query-order-key-case', '/?Param2=value2&Param1=value1', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
    ['get-vanilla-query-order-encoded', '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1', '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac'],
    ['get-vanilla-utf8-query', '/?ሴ=bar', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'],
    ['get-unreserved', '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f'],
    ['get-slashes-normalized', '//example//', '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
    ['get-relative-relative-normalized', '/example1/example2/../..', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ])('%s', (_, path, signature) => {
    expect(signatureOf(sign(path))).toBe(signature);
  }); // prettier-ignore

  it('get-vanilla-with-session-token', () => {
    const token = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';
    const signed = sign('/', {}, token);
    expect(signed.headers['x-amz-security-token']).toBe(token);
    expect(signatureOf(signed)).toBe(
      '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
    );
  });

  it('get-header-value-trim', () => {
    const headers = { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' };
    expect(signatureOf(sign('/', { headers }))).toBe(
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    );
  });

  it('post-vanilla and post-x-www-form-urlencoded with the hash of the body', () => {
    expect(signatureOf(sign('/', { method: 'POST' }))).toBe(
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    );
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': '13',
      'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
    };
    expect(signatureOf(sign('/', { method: 'POST', headers, body: 'Param1=value1' }))).toBe(
      'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
    );
  });
});

/** From "Signature calculations" of the Amazon S3 API reference (sig-v4-header-based-auth). */
describe("a signature for S3, by the examples of Amazon's reference", () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const sign = (path: string, more: Partial<HttpRequest> = {}) =>
    signAws(
      { url: `https://examplebucket.s3.amazonaws.com${path}`, method: 'GET', headers: {}, ...more },
      { region: 'us-east-1', service: 's3' },
      credentials,
      new Date('2013-05-24T00:00:00Z'),
    );

  it('of an object’s first bytes', () => {
    expect(signatureOf(sign('/test.txt', { headers: { range: 'bytes=0-9' } }))).toBe(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('of an object that is written, its name encoded once', () => {
    const headers = {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    };
    const put = { method: 'PUT', headers, body: 'Welcome to Amazon S3.' } as const;
    const signed = sign('/test$file.text', put);
    expect(signed.url).toMatch(/\/test%24file\.text$/);
    expect(signatureOf(signed)).toBe(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  it('of a listing, and of a key without value', () => {
    expect(signatureOf(sign('/?max-keys=2&prefix=J'))).toBe(
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
    expect(signatureOf(sign('/?lifecycle'))).toBe(
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
  });

  it('sends the query as it was signed, and leaves an unsigned body unsigned', () => {
    expect(sign('/?prefix=a+b*').url).toMatch(/\?prefix=a%20b%2A$/);
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const [one, two] = ['x', 'y'].map((body) => sign('/k', { method: 'PUT', headers, body }));
    expect(one?.headers).toEqual(two?.headers);
  });
});
