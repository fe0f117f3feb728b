export type {
  Delivery,
  DeliveryAnswer,
  FileRef,
  Folder,
  Heard,
  HostApi,
  HostBridge,
  HostCapability,
  HostEvent,
  HostInfo,
  HostMethod,
  HostRequest,
  HostResponse,
  OtlpSignal,
  ReceiverAddresses,
  RecentCase,
  ShellCommand,
} from './api';
export { isBrokerAddress, parseBrokerAddress } from './broker-address';
export type { BrokerAddress } from './broker-address';
export {
  authOf,
  connectionSchema,
  credentialsSchema,
  endpointOf,
  grafanaPath,
  lackingSecrets,
  mergedSecrets,
} from './connection';
export type { Access, AuthKind, Connection, Credentials } from './connection';
export { decodeMessage, encodeMessage } from './codec';
export type { WireMessage } from './codec';
export { createHostClient, dispatch } from './dispatch';
export type { HostAnswer } from './dispatch';
export { contentType, securityHeaders, withNonce } from './headers';
