export { quietLogs, type QuietLog } from './quiet-log';
export { runPlantedLogs } from './run';
