import type { Task } from '../task';
import { loghub } from './loghub';

/** Tasks that need nothing but the set's files. A new one is a line here. */
export const FILE_TASKS: readonly Task[] = [loghub];
