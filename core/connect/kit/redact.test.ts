import { describe, expect, it } from 'vitest';
import { NoticeCounts, REDACTED, Redactor, isSecretName, redactText } from '..';

const SECRET = 'hunter2-Zx81-q';

describe('names of secrets', () => {
  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    'pwd',
    'client_secret',
    'clientSecret',
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'X-Api-Key',
    'apiKey',
    'access_token',
    'x-amz-security-token',
    'http.request.header.authorization',
    'secretAccessKey',
    'privateKey',
    'awsCredentials',
    'jwt',
  ])('%s is one', (name) => expect(isSecretName(name)).toBe(true));

  it.each([
    'message',
    'secretName',
    'secret_id',
    'secretArn',
    'passwordPolicy',
    'password_last_used',
    'token_type',
    'gen_ai.usage.input_tokens',
    'nextToken',
    'clientRequestToken',
    'kmsKeyId',
    'accessKeyId',
    'session.id',
    'signature_version',
    'tokenCount',
    'keyspace',
  ])('%s is none', (name) => expect(isSecretName(name)).toBe(false));
});

describe('secrets in texts', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
  it.each([
    [`login with password=${SECRET} failed`, `login with password=${REDACTED} failed`],
    [`{"user":"ana","password":"${SECRET} x"}`, `{"user":"ana","password":"${REDACTED}"}`],
    [`{\\"client_secret\\":\\"${SECRET}\\"}`, `{\\"client_secret\\":\\"${REDACTED}\\"}`],
    [`GET /a?access_token=${SECRET}&page=2`, `GET /a?access_token=${REDACTED}&page=2`],
    [`authorization: Basic YWxhZGRpbjpvcGVu`, `authorization: ${REDACTED}`],
    [
      `authorization=Bearer ${SECRET} status=401 path=/pay`,
      `authorization=${REDACTED} status=401 path=/pay`,
    ],
    [`Authorization: ${SECRET}; next`, `Authorization: ${REDACTED}; next`],
    [
      `authorization: Digest username="ana", realm="x", response="${SECRET}" was refused`,
      `authorization: ${REDACTED} was refused`,
    ],
    [
      `Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/x, SignedHeaders=host, Signature=${SECRET}`,
      `Authorization: ${REDACTED}`,
    ],
    [`sent Bearer ${SECRET}`, `sent Bearer ${REDACTED}`],
    [`Cookie: sid=${SECRET}; theme=dark`, `Cookie: ${REDACTED}`],
    [`jwt is ${jwt} here`, `jwt is ${REDACTED} here`],
    ['by AKIAIOSFODNN7EXAMPLE', 'by AKIA…MPLE'],
    [`postgres://shop:${SECRET}@db:5432/shop`, `postgres://shop:${REDACTED}@db:5432/shop`],
    [`pushed with ghp_${'a1'.repeat(18)}`, `pushed with ${REDACTED}`],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- x', `${REDACTED} x`],
    [`alter role shop PASSWORD '${SECRET}';`, `alter role shop PASSWORD '${REDACTED}';`],
    [`create user a identified by '${SECRET}'`, `create user a identified by '${REDACTED}'`],
    [`api_key => '${SECRET}'`, `api_key => '${REDACTED}'`],
  ])('%s', (text, clean) => {
    expect(redactText(text)).toBe(clean);
    expect(redactText(clean)).toBe(clean);
  });

  it.each([
    'Unexpected token: } in JSON at position 4',
    'the secret of success',
    'Basic authentication is off',
    'https://shop.example/cart/42',
    'password: null',
    'mail to ana@shop.example',
    'tokens used: 512',
    '{"tokenCount":12345678}',
  ])('%s stays', (text) => expect(redactText(text)).toBe(text));

  it('takes no time over long texts', () => {
    const started = performance.now();
    for (const piece of ['password', '"', '://', 'eyJ', 'Basic ', 'token=', 'a:b@', '-----BEGIN '])
      redactText(piece.repeat(40_000));
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe('secrets in values', () => {
  it('are replaced at any depth and counted', () => {
    const notices = new NoticeCounts();
    const redactor = new Redactor(notices);
    const value = {
      user: 'ana',
      dbPassword: SECRET,
      pin: { secret: { a: SECRET } },
      environment: [
        { name: 'DB_PASSWORD', value: SECRET },
        { name: 'REGION', value: 'eu' },
      ],
      credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: SECRET, expiration: 'x' },
      cookies: [{ name: 'sid', value: SECRET }],
      note: `password=${SECRET}`,
      password: 12345,
      secretArn: 'arn:aws:x',
    };
    const clean = redactor.value(value);
    expect(JSON.stringify(clean)).not.toContain(SECRET);
    expect(clean).toMatchObject({
      user: 'ana',
      environment: [
        { name: 'DB_PASSWORD', value: REDACTED },
        { name: 'REGION', value: 'eu' },
      ],
      credentials: { accessKeyId: 'ASIA…MPLE', sessionToken: REDACTED, expiration: 'x' },
      password: REDACTED,
      secretArn: 'arn:aws:x',
    });
    expect(value.dbPassword).toBe(SECRET);
    const [notice] = notices.take();
    expect(notice).toMatchObject({ code: 'secrets-redacted', count: 8 });
  });

  it('are not looked for beyond reason, which is said', () => {
    const notices = new NoticeCounts();
    let deep: unknown = SECRET;
    for (let i = 0; i < 50_000; i++) deep = { a: deep };
    const clean = JSON.stringify(new Redactor(notices).value(deep));
    expect(clean).toContain('[nested too deeply]');
    expect(notices.take()).toMatchObject([{ code: 'nested-too-deeply', count: 1 }]);
  });

  it('leave attributes without secrets as they are', () => {
    const redactor = new Redactor(new NoticeCounts());
    const clean = { 'http.route': '/cart', 'session.id': 'abc' };
    expect(redactor.attributes(clean)).toBe(clean);
    expect(redactor.attributes({ ...clean, token: SECRET })).toEqual({ ...clean, token: REDACTED });
  });
});
