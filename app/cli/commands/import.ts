import { FaultlineError, formatRfc3339, parseInstant } from '../../../core/base';
import { formats } from '../../../connectors';
import {
  zoneOffset,
  type FileReport,
  type ReadChoices,
  type TimeUnit,
} from '../../../core/connect';
import { importFiles, inspectFiles } from '../../../core/session';
import { openNativeDatabase } from '../../node';
import { addImportMs, peakRssBytes, withCase, type Context } from '../context';
import { readMapping, sourcesOf } from '../files';
import { table } from '../output';

export interface ImportFlags {
  readonly case?: string;
  readonly dryRun?: boolean;
  readonly as?: string;
  readonly timeUnit?: string;
  readonly zone?: string;
  readonly dayFirst?: boolean;
  readonly mapping?: string;
  readonly scrapedAt?: string;
}

export async function importCommand(
  paths: readonly string[],
  flags: ImportFlags,
  context: Context,
): Promise<void> {
  const { out, signal } = context;
  const files = await sourcesOf(paths);
  const as = flags.as ? { '': flags.as } : undefined;
  const onProgress = (done: number, total: number | null, label: string): void =>
    out.progress(`${label}  ${megabytes(done)}${total ? ` of ${megabytes(total)}` : ''}`);
  const choices = { '': { ...choicesOf(flags, context.now()), ...(await mappingOf(flags)) } };
  const tools = { openDatabase: openNativeDatabase };
  const options = { formats, signal, as, choices, onProgress, tools };
  const started = performance.now();
  const reports = flags.dryRun
    ? await inspectFiles(files, context.now(), options)
    : await withCase(flags.case ?? '', 'append', context, async (store) => {
        const imported = await importFiles(store, files, context.now(), options);
        await addImportMs(store, performance.now() - started);
        return imported;
      });
  const importMs = Math.round(performance.now() - started);
  const timings = { importMs, peakRssBytes: peakRssBytes() };
  out.result({ schema: 1, files: reports.map(reportJson), timings }, () =>
    [
      reportText(reports),
      `import ${importMs} ms, peak memory ${megabytes(timings.peakRssBytes)}`,
    ].join('\n'),
  );
  if (!flags.dryRun && reports.length > 0 && reports.every((report) => report.state === 'failed')) {
    process.exitCode = 1;
  }
}

const UNITS: Readonly<Record<string, TimeUnit>> = {
  s: 's',
  ms: 'ms',
  us: 'µs',
  µs: 'µs',
  ns: 'ns',
};

/** What the flags say of times that files leave open. */
function choicesOf({ timeUnit, zone, dayFirst, scrapedAt }: ImportFlags, now: bigint): ReadChoices {
  const unit = timeUnit === undefined ? undefined : UNITS[timeUnit];
  if (timeUnit !== undefined && unit === undefined) {
    throw new FaultlineError(
      'usage',
      `Not a time unit: "${timeUnit}". There are s, ms, us and ns.`,
    );
  }
  if (zone !== undefined && zoneOffset(zone, 0n) === undefined) {
    throw new FaultlineError('usage', `Not a zone: "${zone}". Use UTC, +02:00 or Europe/Berlin.`);
  }
  return {
    ...(unit ? { timeUnit: unit } : {}),
    ...(zone === undefined ? {} : { zone }),
    ...(dayFirst ? { dayFirst } : {}),
    ...(scrapedAt === undefined ? {} : { scrapedAt: parseInstant(scrapedAt, now) }),
  };
}

async function mappingOf({ mapping: path }: ImportFlags): Promise<Pick<ReadChoices, 'mapping'>> {
  if (path === undefined) return {};
  return { mapping: await readMapping(path) };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function reportJson(report: FileReport): object {
  const time = (ns: bigint | null): string | null => (ns === null ? null : formatRfc3339(ns));
  return {
    ...report,
    parts: report.parts.map((part) => ({ ...part, from: time(part.from), to: time(part.to) })),
  };
}

function reportText(reports: readonly FileReport[]): string {
  const rows = reports.flatMap((report) => {
    const format = report.format ?? 'not recognised';
    if (report.parts.length === 0) return [[report.path, format, report.state, '', '', report.why]];
    return report.parts.map((part) => [
      report.path,
      format,
      part.signal,
      String(part.rows),
      String(part.dropped),
      part.from === null ? '' : formatRfc3339(part.from),
    ]);
  });
  const lines = [table(['file', 'taken for', 'signal', 'rows', 'dropped', 'from'], rows)];
  for (const report of reports) {
    for (const part of report.parts) {
      for (const example of part.droppedExamples) {
        lines.push(`  dropped, ${report.path} ${example.where}: ${example.reason}`);
        lines.push(`    ${example.text}`);
      }
    }
    // The table says why a file was not taken at all.
    if (report.parts.length === 0 && report.state === 'failed') continue;
    for (const { severity, message } of report.notices) {
      lines.push(`  ${severity}, ${report.path}: ${message}`);
    }
  }
  return lines.join('\n');
}
