import { ipcMain, type WebContents } from 'electron';
import { FaultlineError, toWire } from '../../core/base';
import { dispatch, type HostAnswer, type HostApi, type HostEvent } from '../../core/host';
import { CALL, EVENT } from './channels';
import { isOwnTopFrame } from './origin';

/** The page's one channel: only the top frame of our own page is heard, only what fits is called. */
export function serveHost(api: HostApi): void {
  ipcMain.handle(CALL, async (event, method: unknown, args: unknown): Promise<HostAnswer> => {
    if (isOwnTopFrame(event.senderFrame)) return dispatch(api, method, args);
    const { stack: _stack, ...error } = toWire(
      new FaultlineError('host/denied', 'This page may not call the host.'),
    );
    return { ok: false, error };
  });
}

/** Passes the host's events to the page, which is our own: no other is ever loaded. */
export function sendEvent(contents: WebContents | undefined, event: HostEvent): void {
  if (contents && !contents.isDestroyed()) contents.send(EVENT, event);
}
