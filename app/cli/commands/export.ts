import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FaultlineError } from '../../../core/base';
import { shiftsInForce, type Notice } from '../../../core/model';
import {
  exporters,
  type CaseExporter,
  type ExportReport,
  type ExportTarget,
  sleep,
} from '../../../core/session';
import {
  bucketTarget,
  createUpstream,
  exportToBucket,
  exportToFolder,
  withEndpoint,
} from '../../node';
import { withCase, type Context } from '../context';

export interface ExportFlags {
  readonly to: string;
  readonly format: string;
  readonly endpoint?: string;
}

/** A lake also says how much was written into it. */
type Written = ExportReport & { readonly bytes?: number };

/** What native DuckDB writes better than what runs in a page, too. */
const LAKE = {
  id: 'parquet',
  title: 'Parquet, partitioned by signal, day and hour',
  makes: 'folder',
} as const;

export const exportFormats = [LAKE.id, ...exporters.map(({ id }) => id)];

/** Writes a case in a form that other tools read: into a lake, or to a file or a folder, which must be new. */
export async function exportCommand(
  file: string,
  flags: ExportFlags,
  context: Context,
): Promise<void> {
  const { to, format } = flags;
  const exporter = exporters.find(({ id }) => id === format);
  if (!exporter && format !== LAKE.id) {
    throw new FaultlineError('usage', `No format "${format}". Known: ${exportFormats.join(', ')}.`);
  }
  if (exporter && isBucket(to)) {
    throw new FaultlineError(
      'usage',
      'Only a lake can be written into a bucket: --format parquet.',
    );
  }
  if (exporter) await refuseExisting(exporter, to);
  const report: Written = exporter
    ? await written(file, exporter, to, context)
    : await lake(file, flags, context);
  const { rows, notices } = report;
  context.out.result({ schema: 1, case: file, format, to, ...report }, () => {
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
async function lake(
  file: string,
  { to, endpoint }: ExportFlags,
  context: Context,
): Promise<Written> {
  const { clocks } = await withCase(file, 'read', context, (store) => store.facts());
  const { signal, out } = context;
  const onProgress = (done: number, total: number, key: string): void =>
    out.progress(`${done} of ${total} files  ${key}`);
  const options = { signal, onProgress };
  const report = isBucket(to)
    ? await exportToBucket(resolve(file), bucketAt(to, endpoint, context), options)
    : await exportToFolder(resolve(file), resolve(to), options);
  const { rows, written, bytes, unchanged, replaced, kept, partialSources } = report;
  const notices: Notice[] = [];
  const say = (
    code: string,
    severity: Notice['severity'],
    count: number,
    message: string,
  ): void => {
    if (count > 0) notices.push({ code, severity, count, message });
  };
  say(
    'sources-not-complete',
    'warning',
    partialSources,
    `${partialSources} sources are not complete; their rows were left out.`,
  );
  const shifted = shiftsInForce(clocks).length;
  say(
    'clocks-raw',
    'warning',
    shifted,
    `The clocks of ${shifted} sources are shown shifted; the lake has their times as they came.`,
  );
  say(
    'lake-kept',
    'warning',
    kept,
    `Of ${kept} hours the lake has more rows of this case than the case has now; they stay there.`,
  );
  say('lake-replaced', 'info', replaced, `${replaced} files of this case were replaced.`);
  say('lake-unchanged', 'info', unchanged, `${unchanged} files were there already.`);
  return { rows, files: written, bytes, notices };
}

const isBucket = (to: string): boolean => /^s3:/i.test(to);

function bucketAt(to: string, endpoint: string | undefined, { now }: Context) {
  const { upstream } = createUpstream({ url: withEndpoint(to, endpoint) });
  return bucketTarget({ upstream, now, sleep });
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
