import { expect, it } from 'vitest';
import { describeFormat } from '../../core/connect/testing/describe-format';
import { bytesSource, readAll, tablesOf } from '../../core/connect/testing/import';
import { formats } from '..';
import { cloudtrail } from './format';

describeFormat(cloudtrail, { beside: import.meta.url, formats });

const SECRET = 'hunter2-Zx81-q';
const event = (
  source: string,
  eventName: string,
  requestParameters: object,
  more: object = {},
) => ({
  eventVersion: '1.11',
  userIdentity: {
    type: 'IAMUser',
    userName: 'ana',
    accountId: '1',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  },
  eventTime: '2026-09-21T14:13:20Z',
  eventSource: `${source}.amazonaws.com`,
  eventName,
  awsRegion: 'eu-central-1',
  requestParameters,
  readOnly: false,
  eventType: 'AwsApiCall',
  managementEvent: true,
  eventCategory: 'Management',
  ...more,
});
const read = async (...events: readonly object[]) => {
  const text = JSON.stringify({ Records: events });
  const { report, batches } = await readAll(bytesSource('x.json', text), formats);
  const { changes = [], logs = [], resources = [] } = tablesOf(batches);
  return { report, changes, logs, resources };
};

it.each([
  ['ecs', 'UpdateService', { service: 'cart', taskDefinition: 'cart:7' }, 'deployment'],
  ['ecs', 'UpdateService', { service: 'cart', desiredCount: 3 }, 'scale'],
  ['ecs', 'UpdateService', { service: 'cart', enableExecuteCommand: true }, 'config'],
  ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'invoice' }, 'deployment'],
  ['autoscaling', 'SetDesiredCapacity', { autoScalingGroupName: 'w' }, 'scale'],
  ['cloudformation', 'RollbackStack', { stackName: 'shop' }, 'rollback'],
  ['appconfig', 'StartDeployment', { applicationId: 'shop' }, 'flag'],
  ['iam', 'AttachRolePolicy', { roleName: 'reader' }, 'config'],
])('%s %s %j is a change of kind %s', async (source, name, parameters, kind) => {
  const { changes, logs } = await read(event(source, name, parameters));
  expect(changes).toMatchObject([{ kind, ts: 1_790_000_000_000_000_000n }]);
  expect(logs).toEqual([]);
});

it('tells who did what to what, and names the service', async () => {
  const arn = 'arn:aws:ecs:eu-central-1:1:service/shop/cart';
  const { changes, resources } = await read(
    event('ecs', 'UpdateService', {
      service: arn,
      taskDefinition: 'arn:aws:ecs:eu-central-1:1:task-definition/cart:7',
    }),
  );
  expect(changes[0]).toMatchObject({
    title: 'UpdateService by ana on service/shop/cart',
    version: 'cart:7',
  });
  expect(resources[0]?.['attributes']).toMatchObject({
    'service.name': 'cart',
    'cloud.account.id': '1',
    'cloud.region': 'eu-central-1',
  });
});

it('makes logs of what changed nothing, and counts them', async () => {
  const { report, changes, logs } = await read(
    event('ec2', 'DescribeInstances', {}, { readOnly: true }),
    event(
      'ec2',
      'TerminateInstances',
      { instanceId: 'i-1' },
      { errorCode: 'AccessDenied', errorMessage: 'no' },
    ),
    event(
      's3',
      'PutObject',
      { bucketName: 'b' },
      { eventCategory: 'Data', managementEvent: false },
    ),
    event('signin', 'ConsoleLogin', {}, { eventType: 'AwsConsoleSignIn' }),
    event('ec2', 'ListThings', {}, { readOnly: undefined }),
  );
  expect(changes).toEqual([]);
  expect(logs.map(({ body, severity }) => [body, severity])).toEqual([
    ['DescribeInstances by ana', 0],
    ['TerminateInstances by ana on i-1: AccessDenied: no', 17],
    ['PutObject by ana on b', 0],
    ['ConsoleLogin by ana', 0],
    ['ListThings by ana', 0],
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toContainEqual([
    'events-as-logs',
    5,
  ]);
  expect(report.notices.map(({ code, count }) => [code, count])).toContainEqual([
    'read-only-guessed',
    1,
  ]);
});

it('keeps no secret', async () => {
  const environment = [{ name: 'DB_PASSWORD', value: SECRET }];
  const { changes, logs } = await read(
    event('rds', 'CreateDBInstance', {
      dBInstanceIdentifier: 'orders',
      masterUserPassword: SECRET,
    }),
    event('ecs', 'RegisterTaskDefinition', { containerDefinitions: [{ environment }] }),
    event(
      'sts',
      'AssumeRole',
      {},
      { readOnly: true, responseElements: { credentials: { sessionToken: SECRET } } },
    ),
    event(
      'x',
      'PutX',
      { text: `password=${SECRET}` },
      { errorCode: 'E', errorMessage: `Bearer ${SECRET}` },
    ),
  );
  const told = [...changes, ...logs].map(({ title, body, attributes }) => [
    title,
    body,
    attributes,
  ]);
  expect(told).toHaveLength(4);
  expect(JSON.stringify(told)).not.toMatch(/hunter2|AKIAIOSFODNN7/);
});

it('keeps an event that is nested beyond reason, and says what it left out', async () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const text = JSON.stringify({
    Records: [event('x', 'PutX', { a: 'DEEP' }), event('x', 'PutX', { name: 'b' })],
  }).replace('"DEEP"', deep);
  const { report, batches } = await readAll(bytesSource('x', text), formats);
  expect(tablesOf(batches).changes).toHaveLength(2);
  expect(report.notices.map(({ code }) => code)).toContain('nested-too-deeply');
});
