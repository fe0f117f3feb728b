import { asObject, isJsonObject, jsonText, type JsonObject } from '../../core/connect';
import type { Attributes } from '../../core/model';

/**
 * An event of CloudTrail, out of whatever it came in
 * (docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
 */
export function eventIn(value: JsonObject): JsonObject | undefined {
  if (typeof value['eventName'] === 'string') return value;
  const { detail, CloudTrailEvent: text } = value;
  // EventBridge wraps it; `aws cloudtrail lookup-events` has it as a text.
  if (isJsonObject(detail) && typeof detail['eventName'] === 'string') return detail;
  if (typeof text !== 'string') return undefined;
  try {
    const event: unknown = JSON.parse(text);
    return isJsonObject(event) && typeof event['eventName'] === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

export const textIn = (of: unknown, key: string): string => {
  const value = isJsonObject(of) ? of[key] : undefined;
  return typeof value === 'string' ? value : '';
};

/** Verbs of operations that change nothing. */
const READING =
  /^(?:Get|List|Describe|Head|Lookup|Search|Query|Scan|Select|BatchGet|BatchDescribe|Check|Test|Validate|Preview|View|Assume|Decrypt|Download|Filter|Estimate|Simulate)/;

/** Whether the event only read; undefined where the file does not say so. */
export function readOnlyOf(event: JsonObject): boolean | undefined {
  const { readOnly } = event;
  if (typeof readOnly === 'boolean') return readOnly;
  if (readOnly === 'true' || readOnly === 'false') return readOnly === 'true';
  return undefined;
}

export const readsByName = (event: JsonObject): boolean => READING.test(textIn(event, 'eventName'));

/** Calls of a data plane, sign-ins and insights change nothing that is configured. */
export function changesConfiguration(event: JsonObject): boolean {
  const category = textIn(event, 'eventCategory');
  const type = textIn(event, 'eventType');
  if (category !== '' && category !== 'Management') return false;
  if (event['managementEvent'] === false || event['managementEvent'] === 'false') return false;
  return !/SignIn|SignOut|Insight/.test(type);
}

const DEPLOYS =
  /Deploy|UpdateFunctionCode|PublishVersion|UpdateAlias|RegisterTaskDefinition|(?:Create|Update)Stack|ExecuteChangeSet|StartPipelineExecution|UpdateEnvironment$|CreateApplicationVersion|PutImage|UpdateNodegroupVersion|UpdateClusterVersion|SwapEnvironmentCNAMEs|CreateFunction|UpdateServiceSoftware|ApplyPendingMaintenance|StartInstanceRefresh/;
const SCALES =
  /Scal|DesiredCapacity|Capacity|Concurrency|ReplicaCount|ResizeCluster|ShardCount|AutoScalingGroup$|ModifyCluster$|UpdateNodegroupConfig/;
const ROLLS_BACK = /Rollback|StopDeployment|CancelUpdateStack|CancelInstanceRefresh/;

/** deployment, scale, rollback, flag or config, by the name of the operation. */
export function changeKindOf(event: JsonObject): string {
  const name = textIn(event, 'eventName');
  const source = textIn(event, 'eventSource');
  if (ROLLS_BACK.test(name)) return 'rollback';
  if (/^(?:appconfig|evidently)\./.test(source)) return 'flag';
  if (name === 'UpdateService' && source.startsWith('ecs.')) return serviceUpdateKind(event);
  if (DEPLOYS.test(name)) return 'deployment';
  return SCALES.test(name) ? 'scale' : 'config';
}

/** ECS: a new task definition is a deployment, a count alone is scaling. */
function serviceUpdateKind({ requestParameters: given }: JsonObject): string {
  const parameters = asObject(given);
  if ('taskDefinition' in parameters || parameters['forceNewDeployment'] === true) {
    return 'deployment';
  }
  return 'desiredCount' in parameters ? 'scale' : 'config';
}

/** Who did it: a user's name, a role with its session, a service, or root. */
export function principalOf({ userIdentity: identity }: JsonObject): string {
  if (!isJsonObject(identity)) return '';
  const session = /:assumed-role\/(.+)$/.exec(textIn(identity, 'arn'))?.[1];
  const issuer = isJsonObject(identity['sessionContext'])
    ? textIn(identity['sessionContext']['sessionIssuer'], 'userName')
    : '';
  const type = textIn(identity, 'type');
  return (
    session ??
    (textIn(identity, 'userName') ||
      issuer ||
      (type === 'Root' ? 'root' : '') ||
      textIn(identity, 'invokedBy') ||
      textIn(identity, 'arn') ||
      textIn(identity, 'principalId') ||
      type)
  );
}

/** Parameters that name what an operation is about, the surest first. */
const NAMES = (
  'service functionName stackName dBInstanceIdentifier dBClusterIdentifier tableName bucketName ' +
  'autoScalingGroupName clusterName cluster environmentName applicationName pipelineName projectName ' +
  'loadBalancerArn targetGroupArn listenerArn groupId instanceId roleName policyArn userName secretId ' +
  'parameterName queueUrl topicArn streamName repositoryName hostedZoneId distributionId family keyId name id'
).split(' ');

/** What it was done to: a name out of the parameters, else the first resource that is listed. */
export function targetOf({ requestParameters: given, resources }: JsonObject): string {
  const parameters = asObject(given);
  for (const name of NAMES) {
    const value = parameters[name];
    if (typeof value === 'string' && value !== '') return shortened(value);
  }
  const instances = parameters['instancesSet'];
  const items = isJsonObject(instances) ? instances['items'] : undefined;
  const first: unknown = Array.isArray(items) ? items[0] : undefined;
  const instance = textIn(first, 'instanceId');
  if (instance !== '') return instance;
  const listed: unknown = Array.isArray(resources) ? resources[0] : undefined;
  return shortened(textIn(listed, 'ARN') || textIn(listed, 'resourceName'));
}

/** The last part of an Amazon resource name or an address. */
function shortened(name: string): string {
  const arn = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.+)$/.exec(name)?.[1];
  if (arn === undefined) return name.replace(/^https?:\/\/.*\//, '');
  return /^(?:function|table|stack|db|cluster|role|secret)[:/]([^:/]+)/.exec(arn)?.[1] ?? arn;
}

/** Where it happened, and what runs there by the name that telemetry has for it. */
export function placeOf(event: JsonObject, target: string): Attributes {
  const out: Record<string, string> = { 'cloud.provider': 'aws' };
  const account = textIn(event, 'recipientAccountId') || textIn(event['userIdentity'], 'accountId');
  const region = textIn(event, 'awsRegion');
  if (account !== '') out['cloud.account.id'] = account;
  if (region !== '') out['cloud.region'] = region;
  const { requestParameters: given } = event;
  if (textIn(event, 'errorCode') !== '' || !isJsonObject(given) || target === '') return out;
  const runs =
    'functionName' in given ||
    ('service' in given && textIn(event, 'eventSource').startsWith('ecs.')) ||
    'environmentName' in given;
  if (runs) out['service.name'] = target.split('/').at(-1) ?? target;
  if ('instanceId' in given || 'instancesSet' in given) out['host.id'] = target;
  return out;
}

/** A version that the parameters name: a task definition, an image, a code's hash. */
export function versionOf({ requestParameters: given }: JsonObject): string {
  if (!isJsonObject(given)) return '';
  for (const key of [
    'taskDefinition',
    'versionLabel',
    'functionVersion',
    'imageTag',
    'codeSha256',
    'revision',
  ]) {
    const value = given[key];
    if (typeof value === 'string' || typeof value === 'number') {
      return jsonText(value).replace(/^arn:.*:task-definition\//, '');
    }
  }
  return '';
}
