import { join } from 'node:path';
import { safeStorage } from 'electron';
import { z } from 'zod';
import { FaultlineError } from '../../core/base';
import { credentialsSchema, type Credentials } from '../../core/host';
import { JsonFile, type SecretStore } from '../node/host';

const encryptedSchema = z.record(z.string(), z.string());
/** True where the system's keychain guards the key; Linux without one only hides it, which does not count. */
async function hasKeychain(): Promise<boolean> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return false;
  return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}

export interface KeychainSecrets {
  readonly store: SecretStore;
  /** False where credentials last only as long as the program runs. */
  readonly keeps: boolean;
}

/**
 * Credentials in memory, and encrypted with a key of the system's keychain in a file where there is one.
 * Without a keychain they last as long as the program runs.
 */
export async function keychainSecrets(userDir: string): Promise<KeychainSecrets> {
  const keeps = await hasKeychain().catch(() => false);
  const file = new JsonFile<Record<string, string>>(
    join(userDir, 'secrets.json'),
    (value) => encryptedSchema.parse(value),
    {},
  );
  const memory = new Map<string, Credentials>();
  const store: SecretStore = {
    read: async (id) => {
      const kept = keeps ? file.read()[id] : undefined;
      const known = memory.get(id);
      if (known !== undefined || kept === undefined) return known;
      const credentials = await decrypt(kept);
      memory.set(id, credentials);
      return credentials;
    },
    write: async (id, credentials) => {
      memory.set(id, credentials);
      if (!keeps) return;
      const bytes = await safeStorage.encryptStringAsync(JSON.stringify(credentials));
      file.write({ ...file.read(), [id]: bytes.toString('base64') });
    },
    remove: async (id) => {
      memory.delete(id);
      const { [id]: gone, ...others } = file.read();
      if (gone !== undefined) file.write(others);
    },
  };
  return { store, keeps };
}

async function decrypt(kept: string): Promise<Credentials> {
  try {
    const { result } = await safeStorage.decryptStringAsync(Buffer.from(kept, 'base64'));
    return credentialsSchema.parse(JSON.parse(result));
  } catch {
    // The cause could quote the secret.
    const why = 'The kept credentials cannot be decrypted on this machine; enter them again.';
    throw new FaultlineError('connector/auth', why);
  }
}
