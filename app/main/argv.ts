import { resolve } from 'node:path';

/** Options of Electron that take the next argument. */
const WITH_VALUE = new Set(['-r', '--require']);

export interface ArgvFacts {
  readonly cwd: string;
  /** The program itself, which stands among the arguments when it is started from its folder. */
  readonly appPath: string;
  readonly exists: (path: string) => boolean;
}

/** The files that a person gave on the command line, as absolute paths. */
export function pathsFromArgv(argv: readonly string[], facts: ArgvFacts): readonly string[] {
  const paths: string[] = [];
  for (let at = 1; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (WITH_VALUE.has(argument)) at++;
    if (argument === '' || argument.startsWith('-')) continue;
    const path = resolve(facts.cwd, argument);
    if (path !== facts.appPath && facts.exists(path)) paths.push(path);
  }
  return paths;
}
