export const TEST_ELECTRON_VERSION: string;
export const TEST_UID: number;
export const AS_USER: string;
export function ensure(): Promise<
  | { readonly state: 'present'; readonly dist: string }
  | { readonly state: 'skipped'; readonly reason: string }
>;
export function startDisplay(): Promise<{ readonly display: string; stop(): void }>;
export function openDirectory(prefix: string): string;
export function giveAway(path: string): void;
export function stage(folder: string, dist: string): Promise<void>;
export function packageStaged(folder: string): string;
