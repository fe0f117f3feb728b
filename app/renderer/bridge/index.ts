export { connectHost } from './connect';
export type { HostConnection } from './connect';
