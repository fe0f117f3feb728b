export { otlpJson } from './format';
export { decodeOtlp } from './decode';
export type { Decoded, OtlpEncoding, OtlpSignal } from './decode';
