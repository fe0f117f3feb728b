export {
  FaultlineError,
  asFaultlineError,
  cancelled,
  eitherSignal,
  fromWire,
  isCancelled,
  throwIfAborted,
  toWire,
} from './errors';
export type { ErrorCode, ErrorOptions, WireError } from './errors';
export {
  NS_PER_MS,
  isDate,
  NS_PER_S,
  formatRfc3339,
  msToNs,
  nsToMs,
  parseDuration,
  parseInstant,
  parseRfc3339,
  parseWindow,
  windowDuration,
} from './time';
export type { EpochNs, TimeWindow } from './time';
export { Registry } from './registry';
export { createRng } from './rng';
export type { Rng } from './rng';
export { hash64, hashHex } from './hash';
