import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { signInOf } from './sign-in';

const folder = mkdtempSync(join(tmpdir(), 'faultline-sign-in-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (text: string): string => {
  const path = join(folder, 'credentials.json');
  writeFileSync(path, text);
  return path;
};

describe('the sign-in of a command', () => {
  it('comes from the environment, AWS’s own variables only for AWS', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-north-1' };
    expect(await signInOf({}, env)).toEqual({
      auth: 'none',
      access: { headers: {} },
      credentials: undefined,
    });
    expect(await signInOf({ auth: 'aws', authSet: ['service=s3'] }, env)).toEqual({
      auth: 'aws',
      access: { region: 'eu-north-1', service: 's3', headers: {} },
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    });
    expect(await signInOf({}, { FAULTLINE_API_KEY: 'k' })).toMatchObject({ auth: 'api-key' });
    expect(await signInOf({}, { FAULTLINE_TOKEN: 't' })).toMatchObject({ auth: 'bearer' });
  });

  it('comes from a file, whose content is in no error', async () => {
    const good = file('{"username": "u", "password": "p"}');
    expect(await signInOf({ credentials: good }, {})).toMatchObject({
      auth: 'basic',
      credentials: { username: 'u', password: 'p' },
    });
    for (const bad of ['{"pasword": "s3cret"}', '{"token": "s3cret"', '{"token": ["s3cret"]}']) {
      const error: unknown = await signInOf({ credentials: file(bad) }, {}).catch(
        (e: unknown) => e,
      );
      expect(error).toMatchObject({ code: 'usage' });
      expect(String(error)).not.toContain('s3cret');
    }
  });

  it('takes secret headers from the environment, beside what is no secret', async () => {
    const flags = {
      header: ['X-Scope-OrgID=shop'],
      headerFrom: ['X-Key=MY_KEY'],
      proxy: 'direct',
      grafana: 'abc',
      cert: '/c.pem',
    };
    const env = { MY_KEY: 's3cret', FAULTLINE_TOKEN: 't', FAULTLINE_KEY_PASSPHRASE: 'p' };
    expect(await signInOf(flags, env)).toEqual({
      auth: 'bearer',
      access: {
        headers: { 'X-Scope-OrgID': 'shop' },
        proxy: 'direct',
        grafana: 'abc',
        certFile: '/c.pem',
      },
      credentials: { token: 't', keyPassphrase: 'p', headers: { 'X-Key': 's3cret' } },
    });
    await expect(signInOf(flags, {})).rejects.toThrow('MY_KEY is not set');
  });

  it('refuses kinds and settings that it does not know', async () => {
    await expect(signInOf({ auth: 'magic' }, {})).rejects.toThrow('--auth:');
    await expect(signInOf({ proxy: 'socks5://x' }, {})).rejects.toThrow('--proxy');
    await expect(signInOf({ header: ['Authorization=x'] }, {})).rejects.toThrow('--header');
    await expect(signInOf({ header: ['a b=c'] }, {})).rejects.toThrow('--header');
    await expect(signInOf({ authSet: ['region'] }, {})).rejects.toThrow('--auth-set region');
    await expect(signInOf({ authSet: ['tokenUrl=nowhere'] }, {})).rejects.toThrow(
      '--auth-set tokenUrl',
    );
  });
});
