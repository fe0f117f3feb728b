export { defaultScenario, scenarios, simulate } from './simulate';
export type {
  SimulateOptions,
  Simulation,
  SimulationHints,
  SimulationSize,
  Truth,
} from './simulate';
export type { RootCause } from './scenarios';
export { writeCaseFolder } from './write-case-folder';
export type { FileSink, WrittenFolder } from './write-case-folder';
