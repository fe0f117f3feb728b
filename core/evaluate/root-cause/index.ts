export type { CaseBed } from './bed';
export { caseFolders, simulatorSeeds } from './cases';
export { crossValidated, fitCalibration, fitModule } from './fit';
export { hitRates, hitRatesModule } from './hit-rates';
export type { Outcome } from './outcome';
export { overallScores } from './overall';
export { runFolder, runSimulator } from './run';
export type { RunConfig, SetRun } from './run';
export { scoreRun } from './score';
