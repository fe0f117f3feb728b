import type { ConfigField } from './seam';

/** Whether settings name what to pull, so that it needs no time. */
export const isTimeless = (
  fields: readonly Pick<ConfigField, 'name' | 'timeless'>[],
  config: Readonly<Record<string, string>>,
): boolean => fields.some(({ name, timeless }) => timeless && (config[name] ?? '').trim() !== '');
