import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where settings live: FAULTLINE_USER_DIR, else the platform's place for a user's data. */
export function userDir(): string {
  const own = process.env['FAULTLINE_USER_DIR'];
  if (own) return own;
  if (process.platform === 'win32') {
    return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Faultline');
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'Faultline');
  }
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'faultline');
}

/** A small JSON file that is replaced whole; what can't be read counts as empty. */
export class JsonFile<T> {
  constructor(
    private readonly path: string,
    private readonly parse: (value: unknown) => T,
    private readonly empty: T,
  ) {}

  read(): T {
    try {
      return this.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch {
      return this.empty;
    }
  }

  write(value: T): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const temporary = `${this.path}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 });
    renameSync(temporary, this.path);
  }
}
