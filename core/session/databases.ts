import type { OpenDatabase } from '../connect';
import { chunksOf } from './host-files';
import type { WorkingCopies } from './working-copy';

/** Database files of others, opened as a working copy that is gone when it is closed. */
export function databasesAsCopies(copies: WorkingCopies, newId: () => string): OpenDatabase {
  return async (source, signal) => {
    const id = newId();
    try {
      await copies.put(id, chunksOf(source, signal));
      const engine = await copies.open(id);
      return {
        sql: (sql, limit, options) => engine.sql(sql, limit, options),
        close: async () => {
          await engine.close();
          await copies.remove(id);
        },
      };
    } catch (error) {
      await copies.remove(id);
      throw error;
    }
  };
}
