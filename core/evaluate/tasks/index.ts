import type { Task } from '../task';
import { alertStreams } from './alerts';
import { msCloudTask } from './ms-cloud';
import { nabTask } from './nab';
import { tcpdTask } from './tcpd';
import { loghub } from './loghub';

/** Tasks that need nothing but the set's files. A new one is a line here. */
export const FILE_TASKS: readonly Task[] = [alertStreams, loghub, nabTask, msCloudTask, tcpdTask];
