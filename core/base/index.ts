export {
  FaultlineError,
  asFaultlineError,
  assertNever,
  cancelled,
  fromWire,
  isCancelled,
  throwIfAborted,
  toWire,
} from './errors';
export type { ErrorCode, ErrorOptions, WireError } from './errors';
export {
  NS_PER_MS,
  NS_PER_S,
  contains,
  formatRfc3339,
  msToNs,
  nsToMs,
  parseDuration,
  parseInstant,
  parseRfc3339,
  parseWindow,
  windowDuration,
  windowMs,
} from './time';
export type { EpochNs, TimeWindow } from './time';
export { Registry } from './registry';
export { createRng } from './rng';
export type { Rng } from './rng';
export { hash64, hashHex, sha256Hex } from './hash';
