/** One channel each way: calls of the page, events of the host. */
export const CALL = 'faultline:call';
export const EVENT = 'faultline:event';
