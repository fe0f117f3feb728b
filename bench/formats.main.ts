// Imports every sample of every format at once, and prints what came of it. --write writes docs/FORMATS.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { formats } from '../connectors';
import type { ByteSource, FileReport } from '../core/connect';
import { formatsMarkdown, sampleFolders } from '../core/connect/testing/formats-doc';
import { sampleFiles } from '../core/connect/testing/samples';
import { importFiles } from '../core/session';
import { openCaseStore } from '../core/store';
import { openNativeDatabase, openNativeEngine } from '../app/node';

const root = process.cwd();
const connectors = join(root, 'connectors');
const folders = sampleFolders(connectors);

function sourceOf(path: string): ByteSource {
  const bytes = readFileSync(path);
  return {
    name: relative(connectors, path).replaceAll('\\', '/'),
    size: bytes.length,
    stream: () => new Blob([bytes]).stream(),
    read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}

async function importAll(sources: readonly ByteSource[]): Promise<readonly FileReport[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-formats-'));
  try {
    const engine = await openNativeEngine({ path: join(folder, 'samples.duckdb') });
    const now = BigInt(Date.UTC(2026, 10, 29)) * 1_000_000n;
    const store = await openCaseStore(engine, { now, create: { name: 'samples' } });
    try {
      return await importFiles(store, sources, now, {
        formats,
        signal: new AbortController().signal,
        tools: { openDatabase: openNativeDatabase },
      });
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sum = (report: FileReport, of: 'rows' | 'dropped'): number =>
  report.parts.reduce((all, part) => all + part[of], 0);

/** One line a sample: format, file, rows, dropped, notices, and whether that is what origin.json says. */
function tableOf(reports: readonly FileReport[]): {
  readonly lines: string[][];
  readonly wrong: number;
} {
  let wrong = 0;
  const lines = folders.flatMap(({ folder, samples }) =>
    samples.map((sample) => {
      const prefix = `${folder}/samples/${sample.file}`;
      const own = reports.filter(({ path }) => path === prefix || path.startsWith(`${prefix}/`));
      const rows = own.reduce((all, report) => all + sum(report, 'rows'), 0);
      const dropped = own.reduce((all, report) => all + sum(report, 'dropped'), 0);
      const notices = own.flatMap((report) => report.notices.map(({ code }) => code)).sort();
      const pinned = Object.values(sample.rows).reduce((all, count) => all + count, 0);
      const same = rows === pinned && dropped === sample.dropped;
      if (!same) wrong++;
      const taken = [...new Set(own.map(({ format }) => format ?? ''))].filter(Boolean).join(' ');
      return [
        taken || 'not recognised',
        `${folder}/${sample.file}`,
        String(rows),
        String(dropped),
        [...new Set(notices)].join(' '),
        same ? '' : `differs: ${pinned} rows, ${sample.dropped} dropped are pinned`,
      ];
    }),
  );
  return { lines, wrong };
}

function print(rows: readonly (readonly string[])[]): void {
  const widths =
    rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  for (const row of rows) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

if (process.argv.includes('--write')) {
  writeFileSync(join(root, 'docs/FORMATS.md'), formatsMarkdown(formats, folders));
  console.log('docs/FORMATS.md written');
} else {
  const sources = folders.flatMap(({ path, samples }) =>
    samples.flatMap(({ file }) =>
      sampleFiles(path, file).map(({ name }) => sourceOf(join(path, 'samples', name))),
    ),
  );
  const reports = await importAll(sources);
  const { lines, wrong } = tableOf(reports);
  print([['format', 'sample', 'rows', 'dropped', 'notices', ''], ...lines]);
  console.log(
    `\n${formats.length} formats, ${lines.length} samples, ${sources.length} files in one import`,
  );
  if (wrong > 0) process.exitCode = 1;
}
