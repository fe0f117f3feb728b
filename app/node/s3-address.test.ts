import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { s3Address, withEndpoint } from './s3-address';

const home = mkdtempSync(join(tmpdir(), 'aws-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const files = {
  AWS_CONFIG_FILE: join(home, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
};
const none = { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' };

it('is of Amazon unless an endpoint is given, the bucket in the host where it fits a certificate', () => {
  const env = { ...none, AWS_REGION: 'eu-central-1' };
  expect(s3Address('s3://team-lake/a/b/', env)).toMatchObject({
    base: 'https://team-lake.s3.eu-central-1.amazonaws.com',
    prefix: 'a/b/',
    address: 's3://team-lake/a/b',
    credentials: undefined,
  });
  expect(s3Address('s3://team.lake', env)).toMatchObject({
    base: 'https://s3.eu-central-1.amazonaws.com/team.lake',
    prefix: '',
  });
  const own = withEndpoint('s3://lake/x?region=here', 'http://127.0.0.1:9000');
  expect(s3Address(own, env)).toMatchObject({
    base: 'http://127.0.0.1:9000/lake',
    region: 'here',
    address: 's3://lake/x?region=here&endpoint=http%3A%2F%2F127.0.0.1%3A9000',
  });
  const environment = { ...none, AWS_ENDPOINT_URL: 'https://minio.example/' };
  expect(s3Address('s3://lake', environment)).toMatchObject({
    base: 'https://minio.example/lake',
    region: 'us-east-1',
  });
});

it('takes what is given, then the environment, then the profile', () => {
  writeFileSync(
    files.AWS_CONFIG_FILE,
    '[default]\nregion = eu-west-1\n[profile team]\nregion=ap-south-1\n',
  );
  writeFileSync(
    files.AWS_SHARED_CREDENTIALS_FILE,
    '[default]\naws_access_key_id = A\naws_secret_access_key = a=b\n\n[team]\naws_access_key_id=T\naws_secret_access_key=t\naws_session_token=s\n',
  );
  expect(s3Address('s3://lake', files)).toMatchObject({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'A', secretAccessKey: 'a=b' },
  });
  const team = { ...files, AWS_PROFILE: 'team' };
  expect(s3Address('s3://lake', team)).toMatchObject({
    region: 'ap-south-1',
    credentials: { accessKeyId: 'T', secretAccessKey: 't', sessionToken: 's' },
  });
  const env = { ...team, AWS_ACCESS_KEY_ID: 'E', AWS_SECRET_ACCESS_KEY: 'e' };
  expect(s3Address('s3://lake', env).credentials).toEqual({
    accessKeyId: 'E',
    secretAccessKey: 'e',
  });
  const credentials = { accessKeyId: 'G', secretAccessKey: 'g' };
  expect(s3Address('s3://lake', env, { credentials, region: 'r' })).toMatchObject({
    credentials,
    region: 'r',
  });
});

it.each([
  's3://',
  's3://UPPER',
  's3:lake',
  's3://lake?endpoint=ftp://x',
  's3://lake?endpoint=http://a:b@host',
])('refuses %s', (text) => {
  expect(() => s3Address(text, none)).toThrow(/This is no/);
});
