export { FILE_TASKS } from './tasks';
export type { CaseResult, GroupScore, SetFolder, SetScore, Task, TaskOptions } from './task';
