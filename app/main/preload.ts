import { contextBridge, ipcRenderer } from 'electron';
import type { HostBridge, HostEvent } from '../../core/host';
import { CALL, EVENT } from './channels';

/** All that a page gets: two functions. Methods and arguments are checked in main. */
const bridge: HostBridge = {
  call: (method, args) => ipcRenderer.invoke(CALL, method, args),
  onEvent: (listener) => {
    const hear = (_: unknown, event: HostEvent): void => listener(event);
    ipcRenderer.on(EVENT, hear);
    return () => void ipcRenderer.removeListener(EVENT, hear);
  },
};

contextBridge.exposeInMainWorld('faultlineHost', bridge);
