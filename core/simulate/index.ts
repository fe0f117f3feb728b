export { defaultScenario, pairOf, scenarios, simulate, systems, systemsOf } from './simulate';
export type {
  SimulateOptions,
  Simulation,
  SimulationHints,
  SimulationSize,
  Truth,
} from './simulate';
export type { RootCause } from './fault';
export { writeCaseFolder } from './write-case-folder';
export type { FileSink, WrittenFolder } from './write-case-folder';
export { alertRequests, otlpRequests } from './replay';
export type { ReplayRequest } from './replay';
export { remoteWriteRequests, snappyLiterals } from './replay-remote-write';
export { searchRequests } from './replay-search';
export type { SearchShape } from './replay-search';
export { byMinute } from './by-minute';
export { skewClocks } from './clock-skew';
export type { SkewOptions, SkewedSource } from './clock-skew';
