import { FaultlineError } from '../../core/base';

/** Pairs as `--set name=value` gives them; 'usage' where one is none. */
export function settings(flag: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new FaultlineError('usage', `Not a setting: ${flag} ${pair}. Use name=value.`);
    }),
  );
}
