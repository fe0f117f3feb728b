export { otlpJson } from './format';
export { otlpProto } from './proto-format';
export { decodeOtlp } from './decode';
export type { Decoded, OtlpEncoding, OtlpSignal } from './decode';
export { OtlpMessages, otlpMessageOf } from './records';
