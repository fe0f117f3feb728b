export { createNodeHost } from './host';
export type { NodeHost, NodeHostOptions, ShellParts } from './host';
export { openNativeEngine } from './native-engine';
export { startReceiver } from './receiver';
export { createUpstream } from './http-undici';
export { JsonFile, userDir } from './user-files';
export { writeLake } from './native-lake';
