import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FaultlineError } from '../../../core/base';
import { exporters, type CaseExporter, type ExportTarget } from '../../../core/session';
import { withCase, type Context } from '../context';

export interface ExportFlags {
  readonly to: string;
  readonly format: string;
}

/** Writes a case in a form that other tools read: a file, or a folder that must be new or empty. */
export async function exportCommand(
  file: string,
  { to, format }: ExportFlags,
  context: Context,
): Promise<void> {
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter) {
    const known = exporters.map(({ id }) => id).join(', ');
    throw new FaultlineError('usage', `No format "${format}". Known: ${known}.`);
  }
  await refuseExisting(exporter, to);
  const { signal, out } = context;
  const made: string[] = [];
  const onRows = (rows: number): void => out.progress(`${rows} rows written`);
  const report = await withCase(file, 'read', context, (store) =>
    exporter.write(store, targetAt(to, made), { signal, onRows }),
  ).catch(async (error: unknown) => {
    // Half an export is no export.
    for (const path of made) await rm(path, { force: true });
    throw error;
  });
  const { rows, files, notices } = report;
  out.result({ schema: 1, case: file, format, to, rows, files, notices }, () =>
    [
      `${Object.entries(rows)
        .map(([signal, count]) => `${count} ${signal}`)
        .join(', ')} written to ${to} (${exporter.title}, ${files} files)`,
      ...notices.map(({ severity, message }) => `  ${severity}: ${message}`),
    ].join('\n'),
  );
}

async function refuseExisting({ makes }: CaseExporter, to: string): Promise<void> {
  const info = await stat(to).catch(() => undefined);
  if (!info) return;
  if (makes === 'file' && info.isDirectory()) {
    throw new FaultlineError('usage', `${to} is a folder: name a file.`);
  }
  throw new FaultlineError('case/exists', `${to} exists already; it is left as it is.`);
}

/** Files below a path; each gets its name when it is whole. */
function targetAt(to: string, made: string[]): ExportTarget {
  return {
    async open(name) {
      const path = name === '' ? to : join(to, ...name.split('/'));
      const part = `${path}.part`;
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(part, 'wx');
      made.push(part, path);
      return {
        async write(bytes) {
          await handle.write(bytes);
        },
        async close() {
          await handle.close();
          await rename(part, path);
        },
      };
    },
  };
}
