export { startWorkbench } from './start';
export type { RunningWorkbench } from './start';
