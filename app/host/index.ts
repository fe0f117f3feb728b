export { openAppWindow } from './browser';
export { startBrowserHost } from './start';
export type { BrowserHost, BrowserHostOptions } from './start';
