import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FaultlineError } from '../../../core/base';
import type { Notice } from '../../../core/model';
import {
  exporters,
  type CaseExporter,
  type ExportReport,
  type ExportTarget,
} from '../../../core/session';
import { writeLake } from '../../node';
import { withCase, type Context } from '../context';

export interface ExportFlags {
  readonly to: string;
  readonly format: string;
}

/** What native DuckDB writes better than what runs in a page, too. */
const LAKE = {
  id: 'parquet',
  title: 'Parquet, partitioned by signal, day and hour',
  makes: 'folder',
} as const;

export const exportFormats = [LAKE.id, ...exporters.map(({ id }) => id)];

/** Writes a case in a form that other tools read: a file or a folder, which must be new. */
export async function exportCommand(
  file: string,
  { to, format }: ExportFlags,
  context: Context,
): Promise<void> {
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter && format !== LAKE.id) {
    throw new FaultlineError('usage', `No format "${format}". Known: ${exportFormats.join(', ')}.`);
  }
  await refuseExisting(exporter ?? LAKE, to);
  const { rows, files, notices } = exporter
    ? await written(file, exporter, to, context)
    : await lake(file, to, context);
  context.out.result({ schema: 1, case: file, format, to, rows, files, notices }, () => {
    const counts = Object.entries(rows).map(([signal, count]) => `${count} ${signal}`);
    return [
      `${counts.join(', ')} written to ${to} (${(exporter ?? LAKE).title})`,
      ...notices.map(({ severity, message }) => `  ${severity}: ${message}`),
    ].join('\n');
  });
}

async function written(
  file: string,
  exporter: CaseExporter,
  to: string,
  context: Context,
): Promise<ExportReport> {
  const { signal, out } = context;
  const made: string[] = [];
  const onRows = (rows: number): void => out.progress(`${rows} rows written`);
  return withCase(file, 'read', context, (store) =>
    exporter.write(store, targetAt(to, made), { signal, onRows }),
  ).catch(async (error: unknown) => {
    // Half an export is no export.
    for (const path of made) await rm(path, { force: true });
    throw error;
  });
}

/** The case is opened first, as every case is: what is no case of ours is refused there. */
async function lake(file: string, to: string, context: Context): Promise<ExportReport> {
  await withCase(file, 'read', context, (store) => store.facts());
  const { rows, files, partialSources } = await writeLake(resolve(file), resolve(to), context);
  const notices: Notice[] = [];
  if (partialSources > 0) {
    notices.push({
      code: 'sources-not-complete',
      severity: 'warning',
      count: partialSources,
      message: `${partialSources} sources are not complete; their rows were left out.`,
    });
  }
  return { rows, files, notices };
}

async function refuseExisting({ makes }: Pick<CaseExporter, 'makes'>, to: string): Promise<void> {
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
