/** The workbench's own origin: the only one whose frames are listened to and navigated to. */
export const SCHEME = 'app';
export const HOST = 'faultline';
export const START_URL = `${SCHEME}://${HOST}/`;

/** Is this address one of our own? `URL.origin` is "null" for schemes of our own, so parts are compared. */
export function isOwnUrl(text: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(text);
    return protocol === `${SCHEME}:` && host === HOST && username === '' && password === '';
  } catch {
    return false;
  }
}

export interface Sender {
  readonly url: string;
  readonly parent: unknown;
}

/** True for the top frame of a page of our own. Electron gives no frame where it is gone by now. */
export function isOwnTopFrame(frame: Sender | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && isOwnUrl(frame.url);
}

/**
 * The host of an address that may be shown in a browser, after the person has seen it: http too, as backends inside a
 * network are reached by it. Nothing of a sign-in may stand in it.
 */
export function externalHost(text: string): string | undefined {
  try {
    const { protocol, host, username, password } = new URL(text);
    const plain = username === '' && password === '';
    return /^https?:$/.test(protocol) && plain && host !== '' ? host : undefined;
  } catch {
    return undefined;
  }
}
